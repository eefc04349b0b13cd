"""Objects as files. A file appears under its name only when it is whole and on the disk."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from secrets import token_hex

from include.store.failures import asking, reading
from include.store.uri import FILE, Location, below, parse

_PARTIAL = ".partial"
_ABANDONED_SECONDS = 3600


class LocalObjects:
    """``ObjectStore`` over ``file://`` URIs."""

    def read(self, uri: str) -> bytes:
        """Return the bytes of an object."""
        with reading(uri):
            return Path(parse(uri).path).read_bytes()

    def write(self, uri: str, data: bytes) -> None:
        """Write an object atomically: a partial file beside it, synced, then renamed."""
        path = Path(parse(uri).path)
        with asking(uri):
            path.parent.mkdir(parents=True, exist_ok=True)
            _sweep(path)
            partial = _partial_of(path)
            try:
                _write_synced(partial, data)
                partial.replace(path)
                _sync_folder(path.parent)
            finally:
                partial.unlink(missing_ok=True)

    def exists(self, uri: str) -> bool:
        """Say whether an object (not a folder) is there."""
        with asking(uri):
            return Path(parse(uri).path).is_file()

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the URIs of the objects below a prefix, sorted; partial files are none."""
        with asking(prefix):
            return tuple(sorted(Location(FILE, str(path)).uri for path in _files(prefix)))

    def fetch(self, prefix: str, folder: Path) -> None:
        """Copy every object below a prefix into a local folder."""
        top = parse(prefix)
        with asking(prefix):
            for path in _files(prefix):
                target = folder / below(top, Location(FILE, str(path)))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)

    def put(self, folder: Path, prefix: str) -> None:
        """Copy every file of a local folder below a prefix, each atomically."""
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            self.write(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def _files(prefix: str) -> list[Path]:
    folder = parse(prefix).path
    return [
        Path(parent) / name
        for parent, _, names in os.walk(folder, onerror=_raise_unless_missing)
        for name in names
        if not name.endswith(_PARTIAL)
    ]


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _partial_of(path: Path) -> Path:
    return path.parent / f".{path.name}.{token_hex(6)}{_PARTIAL}"


def _sweep(path: Path) -> None:
    """Remove what writers of this object left behind when they were killed, an hour ago or more."""
    oldest = time.time() - _ABANDONED_SECONDS
    for partial in path.parent.glob(f".{path.name}.*{_PARTIAL}"):
        if partial.stat().st_mtime < oldest:
            partial.unlink(missing_ok=True)


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
