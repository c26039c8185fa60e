"""The package itself: how it finds the library, what a wheel holds, and that nothing has drifted."""

from __future__ import annotations

import base64
import csv
import ctypes
import hashlib
import importlib.metadata
import importlib.util
import inspect
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Dict, Optional

import bojagi
import pytest
from bojagi import _bindings

PACKAGE = Path(bojagi.__file__).parent
BINDINGS = Path(__file__).resolve().parents[1]


def run(code: str, path: Path, environment: Dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs code in a Python that knows no other packages than those at the path."""
    clean = {name: value for name, value in os.environ.items() if name not in ("BOJAGI_LIBRARY", "PYTHONPATH")}
    return subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(path)!r}); {code}"],
        env={**clean, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        cwd=path,
    )


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with the package's Python files and no library."""
    shutil.copytree(PACKAGE, tmp_path / "bojagi", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return tmp_path


def compile_library(folder: Path, source: str) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    (folder / "x.c").write_text(source)
    library = folder / "libother.so"
    subprocess.run([compiler, "-shared", "-fPIC", "x.c", "-o", library.name], cwd=folder, check=True)
    return library


def test_the_version_is_the_librarys() -> None:
    library = ctypes.CDLL(bojagi.library_path)
    library.bojagi_version_text.restype = ctypes.c_char_p
    assert library.bojagi_version_text().decode().split(".")[:2] == bojagi.__version__.split(".")[:2]


def test_every_public_name_is_there_and_in_order() -> None:
    public = {name for name, value in vars(bojagi).items() if name[0] != "_" and not inspect.ismodule(value)}
    assert bojagi.__all__ == sorted(public - {"VERSION", "version_text"})


def test_an_import_without_a_library_names_every_place_tried(bare: Path) -> None:
    result = run("import bojagi", bare, {})
    if result.returncode == 0:
        pytest.skip("the system has the library")
    assert "ImportError" in result.stderr
    assert str(bare / "bojagi" / "libbojagi.so") in result.stderr
    assert f"libbojagi.so.{_bindings.VERSION_MAJOR}.{_bindings.VERSION_MINOR}" in result.stderr


def test_a_checkout_without_a_build_names_the_build_tree_too(tmp_path: Path) -> None:
    package = tmp_path / "bindings" / "python" / "src" / "bojagi"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    (tmp_path / "Cargo.toml").write_text("")
    result = run("import bojagi", package.parent, {})
    if result.returncode == 0:
        pytest.skip("the system has the library")
    places = [package / "libbojagi.so", *(tmp_path / "target" / p / "libbojagi.so" for p in ("release", "debug"))]
    positions = [result.stderr.index(str(place)) for place in places]
    assert positions == sorted(positions)


def test_a_checkout_uses_its_build_tree(tmp_path: Path) -> None:
    package = tmp_path / "bindings" / "python" / "src" / "bojagi"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    (tmp_path / "Cargo.toml").write_text("")
    built = tmp_path / "target" / "debug" / "libbojagi.so"
    built.parent.mkdir(parents=True)
    shutil.copy(bojagi.library_path, built)
    result = run("import bojagi; print(bojagi.library_path)", package.parent, {})
    assert result.stdout.strip() == str(built), result.stderr


def test_the_environment_chooses_the_library(bare: Path) -> None:
    chosen = shutil.copy(bojagi.library_path, bare / "elsewhere.so")
    result = run("import bojagi; print(bojagi.library_path)", bare, {"BOJAGI_LIBRARY": str(chosen)})
    assert result.stdout.strip() == str(chosen), result.stderr


@pytest.mark.parametrize("content", [None, b"", b"not a library"])
def test_a_chosen_library_that_cannot_be_loaded_is_an_error(content: Optional[bytes], tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.so"
    if content is not None:
        chosen.write_bytes(content)
    result = run("import bojagi", PACKAGE.parent, {"BOJAGI_LIBRARY": str(chosen)})
    assert "ImportError" in result.stderr and str(chosen) in result.stderr


def test_a_library_of_another_version_is_refused_naming_both(bare: Path) -> None:
    other = compile_library(bare, "#include <stdint.h>\nuint32_t bojagi_version(void) { return 0x7f0203; }")
    result = run("import bojagi", bare, {"BOJAGI_LIBRARY": str(other)})
    assert "ImportError" in result.stderr
    assert "127.2.3" in result.stderr and bojagi.__version__ in result.stderr


def test_a_library_without_the_functions_is_refused(bare: Path) -> None:
    source = f"#include <stdint.h>\nuint32_t bojagi_version(void) {{ return {_bindings.VERSION}; }}"
    result = run("import bojagi", bare, {"BOJAGI_LIBRARY": str(compile_library(bare, source))})
    assert "ImportError" in result.stderr and "not the whole library" in result.stderr


def test_the_package_writes_nothing_and_changes_no_signal() -> None:
    code = (
        "import signal; before = [signal.getsignal(s) for s in (2, 13, 15)]; import bojagi; "
        "assert before == [signal.getsignal(s) for s in (2, 13, 15)]"
    )
    result = run(code, PACKAGE.parent, {"BOJAGI_LIBRARY": bojagi.library_path})
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_declarations_are_those_of_the_header() -> None:
    header = BINDINGS.parents[1] / "include" / "bojagi.h"
    if not header.exists():
        pytest.skip("not in a checkout")
    generate = [sys.executable, str(BINDINGS / "generate.py"), "--output", str(PACKAGE / "_bindings.py")]
    result = subprocess.run([*generate, "--check"], stderr=subprocess.PIPE, universal_newlines=True)
    assert result.returncode == 0, result.stderr


def test_the_generator_reports_drift_and_refuses_what_it_does_not_understand(tmp_path: Path) -> None:
    header, output = tmp_path / "x.h", tmp_path / "b.py"
    header.write_text("#define BOJAGI_A 1\nint64_t bojagi_f(const char *s, uint8_t n);\n")
    command = [sys.executable, str(BINDINGS / "generate.py"), "--header", str(header), "--output", str(output)]

    def generate(*arguments: str) -> int:
        return subprocess.run([*command, *arguments], stderr=subprocess.DEVNULL).returncode

    assert generate("--check") == 1 and not output.exists()
    assert generate() == 0 and generate("--check") == 0
    assert '"bojagi_f": (ctypes.c_int64, (ctypes.c_char_p, ctypes.c_uint8))' in output.read_text()
    header.write_text("int64_t bojagi_f(void (*callback)(void));\n")
    assert generate() == 1


def test_an_installed_package_is_whole() -> None:
    try:
        files = importlib.metadata.files("bojagi") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("not installed")
    names = {file.as_posix() for file in files}
    assert {"bojagi/__init__.py", "bojagi/py.typed", "bojagi/libbojagi.so"} <= names
    assert bojagi.library_path == str(PACKAGE / "libbojagi.so")
    assert importlib.metadata.version("bojagi") == bojagi.__version__


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The build backend, with the library that is loaded here instead of one that cargo builds."""
    spec = importlib.util.spec_from_file_location("bojagi_build", BINDINGS / "backend" / "bojagi_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "build_library", lambda: Path(bojagi.library_path))
    return module


def test_a_wheel_is_whole_and_always_the_same(backend: ModuleType, tmp_path: Path) -> None:
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir()
    name, again = (backend.build_wheel(str(folder)) for folder in folders)
    assert name == again
    assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    platform = os.uname()
    assert name == f"bojagi-{bojagi.__version__}-py3-none-{platform.sysname.lower()}_{platform.machine}.whl"
    with zipfile.ZipFile(folders[0] / name) as wheel:
        names = wheel.namelist()
        info = f"bojagi-{bojagi.__version__}.dist-info"
        assert {"bojagi/__init__.py", "bojagi/py.typed", "bojagi/libbojagi.so", f"{info}/METADATA"} <= set(names)
        assert f"Tag: {name.split('-', 2)[2][:-4]}" in wheel.read(f"{info}/WHEEL").decode()
        assert "\nLicense-Expression: MIT OR Apache-2.0\n" in wheel.read(f"{info}/METADATA").decode()
        rows = list(csv.reader(io.StringIO(wheel.read(f"{info}/RECORD").decode())))
        assert [row[0] for row in rows] == names
        for path, digest, size in rows[:-1]:
            data = wheel.read(path)
            sha256 = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={sha256}", str(len(data)))


def test_a_source_distribution_carries_the_rust_sources(backend: ModuleType, tmp_path: Path) -> None:
    name = backend.build_sdist(str(tmp_path))
    with tarfile.open(tmp_path / name) as archive:
        names = [Path(*Path(member).parts[1:]).as_posix() for member in archive.getnames()]
    assert len(names) == len(set(names))
    assert {"PKG-INFO", "pyproject.toml", "backend/bojagi_build.py", "src/bojagi/__init__.py"} <= set(names)
    assert {"rust/Cargo.toml", "rust/Cargo.lock", "rust/build.rs", "rust/src/lib.rs", "rust/codec/Cargo.toml"} <= set(names)
    assert not [member for member in names if "target" in Path(member).parts or member.endswith(".so")]
