"""One store for every scheme: files by our own atomic writes, all else by fsspec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.store.local import LocalObjects
from include.store.remote import RemoteObjects
from include.store.uri import FILE, parse

if TYPE_CHECKING:
    from pathlib import Path

    from include.store.objects import ObjectStore


class FsspecStore:
    """``ObjectStore`` over absolute URIs of any scheme that fsspec knows.

    Every method raises ``BadInput`` for a URI that is malformed or leads out of its folder.
    """

    def __init__(self) -> None:
        self._by_scheme: dict[str, ObjectStore] = {FILE: LocalObjects()}

    def read(self, uri: str) -> bytes:
        """Return the bytes of an object."""
        return self._of(uri).read(uri)

    def write(self, uri: str, data: bytes) -> None:
        """Write an object atomically, replacing what was there."""
        self._of(uri).write(uri, data)

    def exists(self, uri: str) -> bool:
        """Say whether an object is there; a folder is none."""
        return self._of(uri).exists(uri)

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the URIs of the objects below a prefix, sorted."""
        return self._of(prefix).list(prefix)

    def fetch(self, prefix: str, folder: Path) -> None:
        """Copy every object below a prefix into a local folder."""
        self._of(prefix).fetch(prefix, folder)

    def put(self, folder: Path, prefix: str) -> None:
        """Copy every file of a local folder below a prefix."""
        self._of(prefix).put(folder, prefix)

    def _of(self, uri: str) -> ObjectStore:
        scheme = parse(uri).scheme
        if scheme not in self._by_scheme:
            self._by_scheme[scheme] = RemoteObjects(scheme)
        return self._by_scheme[scheme]
