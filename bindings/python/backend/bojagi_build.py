"""The build backend of the package (PEP 517): runs cargo and packs a wheel, with the standard library alone.

The version is that of the Rust workspace. A wheel is the same, byte for byte, whenever it is made from
the same sources and the same shared library.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

Config = Optional[Dict[str, Any]]
Entry = Tuple[str, bytes]

HERE = Path(__file__).resolve().parents[1]
CRATE_IN_SDIST = HERE / "rust"
LICENSES = ("LICENSE-MIT", "LICENSE-APACHE")
NOT_PACKED = {"target", "bindings", "__pycache__", "node_modules", "build", "dist"}
EPOCH = (1980, 1, 1, 0, 0, 0)


def get_requires_for_build_wheel(config_settings: Config = None) -> List[str]:
    return []


def get_requires_for_build_sdist(config_settings: Config = None) -> List[str]:
    return []


def build_wheel(
    wheel_directory: str, config_settings: Config = None, metadata_directory: Optional[str] = None
) -> str:
    """Builds the shared library and the wheel that carries it; returns the wheel's name."""
    version, tag = crate_version(), wheel_tag()
    library = build_library()
    entries = [(f"bojagi/{path.name}", path.read_bytes()) for path in package_files()]
    entries.append((f"bojagi/{library.name}", library.read_bytes()))
    entries += dist_info(version, tag)
    entries.append(record(entries, version))
    name = f"bojagi-{version}-{tag}.whl"
    write_zip(Path(wheel_directory) / name, entries)
    return name


def build_sdist(sdist_directory: str, config_settings: Config = None) -> str:
    """Packs the package with the Rust sources beside it, in `rust/`; returns the archive's name."""
    stem = f"bojagi-{crate_version()}"
    entries = [(f"{stem}/PKG-INFO", metadata(crate_version()))]
    entries += [(f"{stem}/{name}", data) for name, data in files_below(HERE) if not name.startswith("rust/")]
    entries += [(f"{stem}/rust/{name}", data) for name, data in files_below(repository())]
    name = f"{stem}.tar.gz"
    write_tar(Path(sdist_directory) / name, entries)
    return name


def repository() -> Path:
    """The Rust workspace: around the package in a checkout, below it in a source distribution."""
    for root in (CRATE_IN_SDIST, HERE.parents[1]):
        if (root / "Cargo.toml").is_file() and (root / "include" / "bojagi.h").is_file():
            return root
    raise SystemExit(
        f"bojagi: the Rust sources are neither in {CRATE_IN_SDIST} nor in {HERE.parents[1]}: "
        "install from a checkout of the repository or from a source distribution"
    )


def crate_version() -> str:
    manifest = (repository() / "Cargo.toml").read_text(encoding="utf-8")
    found = re.search(r'^\[workspace\.package\][^\[]*?^version = "([^"]+)"', manifest, flags=re.M | re.S)
    if not found:
        raise SystemExit("bojagi: Cargo.toml has no version in [workspace.package]")
    return found.group(1)


def build_library() -> Path:
    """Runs `cargo build --release`; returns the shared library that cargo says it made."""
    command = ["cargo", "build", "--release", "--package", "bojagi-abi"]
    command.append("--message-format=json-render-diagnostics")
    try:
        output = subprocess.run(command, cwd=repository(), stdout=subprocess.PIPE, check=True).stdout
    except FileNotFoundError:
        raise SystemExit("bojagi: cargo is not there: install Rust (https://rustup.rs)") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"bojagi: cargo build failed with exit status {error.returncode}") from None
    for line in output.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message["target"]["name"] == "bojagi":
            for name in message["filenames"]:
                if Path(name).suffix in (".so", ".dylib", ".dll"):
                    return Path(name)
    raise SystemExit("bojagi: cargo made no shared library for this platform")


def wheel_tag() -> str:
    """Any Python 3, no Python ABI, this platform."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"py3-none-{platform}"


def package_files() -> List[Path]:
    package = HERE / "src" / "bojagi"
    return sorted(p for p in package.iterdir() if p.suffix == ".py" or p.name == "py.typed")


def files_below(root: Path) -> Iterator[Entry]:
    """The sources below a directory, in order; nothing that was built or is hidden."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(n for n in folders if n not in NOT_PACKED and not n.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix not in (".pyc", ".so", ".whl") and not name.startswith("."):
                yield path.relative_to(root).as_posix(), path.read_bytes()


def dist_info(version: str, tag: str) -> List[Entry]:
    folder = f"bojagi-{version}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: bojagi_build\nRoot-Is-Purelib: false\nTag: {tag}\n"
    licenses = [(f"{folder}/licenses/{n}", (repository() / n).read_bytes()) for n in LICENSES]
    return [(f"{folder}/METADATA", metadata(version)), (f"{folder}/WHEEL", wheel.encode()), *licenses]


def metadata(version: str) -> bytes:
    project = read_project()
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        *(f"License-File: {name}" for name in LICENSES),
        f"Requires-Python: {project['requires-python']}",
        "Description-Content-Type: text/markdown",
        "",
        (HERE / project["readme"]).read_text(encoding="utf-8"),
    ]
    return "\n".join(lines).encode("utf-8")


def read_project() -> Dict[str, str]:
    """The plain strings of [project]; the standard library reads TOML only from Python 3.11 on."""
    text = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    table = text.split("[project]\n", 1)[1].split("\n[", 1)[0]
    return dict(re.findall(r'^([\w-]+) = "([^"]*)"$', table, flags=re.M))


def record(entries: List[Entry], version: str) -> Entry:
    name = f"bojagi-{version}.dist-info/RECORD"
    lines = []
    for path, data in entries:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    return name, "".join([*lines, f"{name},,\n"]).encode()


def write_zip(path: Path, entries: List[Entry]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100755 if name.endswith((".so", ".dylib")) else 0o100644) << 16
            archive.writestr(info, data)


def write_tar(path: Path, entries: List[Entry]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o644, 315532800
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))


if __name__ == "__main__":
    print(build_wheel(sys.argv[1] if len(sys.argv) > 1 else "."))
