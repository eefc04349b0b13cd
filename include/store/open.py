"""Where everybody gets the object store from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.store.fsspec_store import FsspecStore

if TYPE_CHECKING:
    from include.store.objects import ObjectStore


def open_store() -> ObjectStore:
    """Return the object store; it takes absolute URIs, so it has no root and no state of ours."""
    return FsspecStore()
