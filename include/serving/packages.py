"""Model packages on this machine: fetched once, verified before every start."""

from __future__ import annotations

import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from include.errors import BadInput, ObjectMissing, PackageTampered
from include.serving import package


class PackageSource(Protocol):
    """Where packages come from: the part of an object store that is needed here."""

    def fetch(self, prefix: str, folder: Path) -> None:
        """Copy every object below a prefix into a local folder.

        Raises:
            StoreUnavailable: the store did not answer, or has nothing there.
        """


@dataclass(frozen=True)
class Packages:
    """Local copies of packages, one folder a digest.

    Attributes:
        folder: Where the copies are.
        source: The object store.
        allowed: Prefix of every URI that may be fetched.
    """

    folder: Path
    source: PackageSource
    allowed: str
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def check(self, uri: str) -> None:
        """Refuse a URI outside the store.

        Raises:
            BadInput: it does not lie below the packages of this installation's store.
        """
        inside = uri.startswith(f"{self.allowed}/") and ".." not in uri.split("/")
        if not inside or any(sign in uri for sign in "?#%\\*"):
            raise BadInput(
                "a package outside the store",
                where="package_uri",
                value=uri,
                remedy=f"Packages lie below {self.allowed}/",
            )

    def obtain(self, uri: str, digest: str) -> Path:
        """Return the verified local folder of a package; fetch it where it is not there or broken.

        Raises:
            BadInput: the URI lies outside the store.
            PackageTampered: what the store holds is not the package with that digest.
            StoreUnavailable: the store did not answer, or has nothing there.
        """
        self.check(uri)
        with self._lock:
            return self._obtain(uri, digest)

    def _obtain(self, uri: str, digest: str) -> Path:
        target = self.folder / digest
        if target.is_dir():
            try:
                package.verify(target, expected=digest)
            except PackageTampered:
                shutil.rmtree(target)
            else:
                return target
        self._fetch(uri, digest, target)
        return target

    def _fetch(self, uri: str, digest: str, target: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".fetch-") as name:
            draft = Path(name) / "package"
            draft.mkdir()
            self.source.fetch(uri, draft)
            if not any(draft.iterdir()):
                remedy = "Package the version again, or apply one that is there"
                raise ObjectMissing("no package there", where=uri, remedy=remedy)
            _verify(draft, uri, digest)
            draft.rename(target)


def _verify(draft: Path, uri: str, digest: str) -> None:
    try:
        package.verify(draft, expected=digest)
    except PackageTampered as cause:
        # The draft is gone in a moment; people need the place in the store.
        raise PackageTampered(
            cause.what,
            where=cause.where.replace(str(draft), uri),
            value=cause.value,
            remedy="The store does not hold what was registered; package the version again",
        ) from cause
