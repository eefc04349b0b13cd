"""The manifest of each step in the object store, by its digest: what was ever written, and when.

Whoever reviews changes by Git finds there what was applied; the object itself names its digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import digest

if TYPE_CHECKING:
    from include.store.objects import ObjectStore


@dataclass(frozen=True)
class Manifests:
    """Kept manifests.

    Attributes:
        store: The object store.
        prefix: URI below which they lie.
    """

    store: ObjectStore
    prefix: str

    def keep(self, endpoint: str, revision: int, manifest: str) -> str:
        """Keep a manifest and return its URI; the same one again is the same object.

        Raises:
            StoreUnavailable: the store refused it.
        """
        data = manifest.encode()
        name = f"{revision:06d}-{digest.of_bytes(data)}.json"
        uri = f"{self.prefix.rstrip('/')}/{endpoint}/{name}"
        self.store.write(uri, data)
        return uri
