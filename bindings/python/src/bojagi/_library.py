"""Finds the shared library, loads it and checks that it speaks the ABI this package was made for."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

from . import _bindings

if sys.platform == "darwin":
    _FILE = "libbojagi.dylib"
elif sys.platform == "win32":
    _FILE = "bojagi.dll"
else:
    _FILE = "libbojagi.so"

_SONAME = f"libbojagi.so.{_bindings.VERSION_MAJOR}.{_bindings.VERSION_MINOR}"


class Library(NamedTuple):
    """The loaded library, twice: the functions that may wait, and the ones that never do."""

    blocking: ctypes.CDLL
    """Lets other Python threads run during a call."""

    quick: ctypes.CDLL
    """Keeps the interpreter's lock, for calls that are shorter than giving it up and taking it back."""

    path: str


def load() -> Library:
    """The library from the first place that has it; ImportError names every place tried."""
    failures: List[str] = []
    for candidate in candidates():
        library = _open(candidate, failures)
        if library is not None:
            _check_version(library, candidate)
            return _declare(library, candidate)
    tried = "\n  ".join(failures)
    raise ImportError(f"bojagi: the shared library was not found; tried, in this order:\n  {tried}")


def candidates() -> Iterator[str]:
    """The places to look at, in order. A path in BOJAGI_LIBRARY is an order, not a hint: it is the only one."""
    chosen = os.environ.get("BOJAGI_LIBRARY")
    if chosen:
        yield chosen
        return
    package = Path(__file__).resolve().parent
    yield str(package / _FILE)
    checkout = _checkout(package)
    if checkout is not None:
        yield str(checkout / "target" / "release" / _FILE)
        yield str(checkout / "target" / "debug" / _FILE)
    found = ctypes.util.find_library("bojagi")
    if found:
        yield found
    yield _SONAME if _FILE.endswith(".so") else _FILE


def _checkout(package: Path) -> Optional[Path]:
    """The repository that this file lies in, when it is not installed: `bindings/python/src/bojagi`."""
    if package.parts[-4:-1] != ("bindings", "python", "src"):
        return None
    root = package.parents[3]
    return root if (root / "Cargo.toml").is_file() else None


def _open(candidate: str, failures: List[str]) -> Optional[ctypes.CDLL]:
    if os.path.isabs(candidate) and not os.path.exists(candidate):
        failures.append(f"{candidate}: no such file")
        return None
    try:
        library = ctypes.CDLL(candidate)
        library.bojagi_version.restype = ctypes.c_uint32
    except (OSError, AttributeError) as error:
        failures.append(str(error) if candidate in str(error) else f"{candidate}: {error}")
        return None
    return library


def _check_version(library: ctypes.CDLL, candidate: str) -> None:
    """Until 1.0 a minor version may break the ABI, so major and minor must be those of the package."""
    version: int = library.bojagi_version()
    if version >> 8 != _bindings.VERSION >> 8:
        raise ImportError(
            f"bojagi: {candidate} is version {version_text(version)}, "
            f"but this package was made for version {version_text(_bindings.VERSION)}"
        )


def version_text(version: int) -> str:
    """The version that `bojagi_version` gives as one integer, as text."""
    return f"{version >> 16}.{version >> 8 & 255}.{version & 255}"


def _declare(library: ctypes.CDLL, candidate: str) -> Library:
    quick = library  # PyPy has no PyDLL
    if hasattr(ctypes, "PyDLL"):
        quick = ctypes.PyDLL(candidate, handle=library._handle)
    try:
        _bindings.declare(library)
        _bindings.declare(quick)
    except AttributeError as error:
        raise ImportError(f"bojagi: {candidate} is not the whole library: {error}") from None
    return Library(library, quick, candidate)


_loaded = load()
blocking = _loaded.blocking
quick = _loaded.quick
path = _loaded.path
