"""What every part asks of an object store, and the one place that builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class ObjectStore(Protocol):
    """Objects by absolute URI. A written object is whole or absent, never half."""

    def read(self, uri: str) -> bytes:
        """Return the bytes of an object.

        Raises:
            ObjectMissing: no object at that URI.
            StoreUnavailable: the store did not answer.
        """

    def write(self, uri: str, data: bytes) -> None:
        """Write an object atomically, replacing what was there.

        Raises:
            StoreFull: no space is left; nothing of the object remains.
            StoreUnavailable: the store did not answer.
        """

    def exists(self, uri: str) -> bool:
        """Say whether an object is there."""

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the URIs of the objects below a prefix, sorted."""

    def fetch(self, prefix: str, folder: Path) -> None:
        """Copy every object below a prefix into a local folder."""

    def put(self, folder: Path, prefix: str) -> None:
        """Copy every file of a local folder below a prefix."""
