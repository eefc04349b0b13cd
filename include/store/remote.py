"""Objects behind fsspec: ``s3``, ``gs``, ``memory`` and every other scheme it knows.

Object stores put an object whole or not at all, so a write is one call of theirs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from include.errors import BadInput
from include.store.failures import asking, reading
from include.store.uri import Location, below, parse

if TYPE_CHECKING:
    from pathlib import Path

DRIVER_VARIABLES = frozenset({
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE",
})  # fmt: skip
"""What a driver reads of its process's environment; whoever starts readers hands it on."""
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs"}


class RemoteObjects:
    """``ObjectStore`` over one scheme of fsspec."""

    def __init__(self, scheme: str) -> None:
        """Find the file system of a scheme.

        Raises:
            BadInput: fsspec does not know it, or its package is not installed.
        """
        # Imported here: it costs a tenth of a second that embedded installations never need.
        fsspec = importlib.import_module("fsspec")
        try:
            # Listings must show what others wrote a moment ago.
            self._files: Any = fsspec.filesystem(scheme, use_listings_cache=False)
        except ImportError as error:
            package = _PACKAGES.get(scheme, "the package that fsspec names")
            what = f"no driver for {scheme}:// is installed"
            remedy = f"Install {package} in both environments"
            raise BadInput(what, where="store", value=scheme, remedy=remedy) from error
        except ValueError as error:
            what, remedy = "unknown kind of store", "Use file://, s3:// or gs://"
            raise BadInput(what, where="store", value=scheme, remedy=remedy) from error

    def read(self, uri: str) -> bytes:
        """Return the bytes of an object."""
        with reading(uri):
            data: bytes = self._files.cat_file(parse(uri).uri)
            return data

    def write(self, uri: str, data: bytes) -> None:
        """Write an object in one call."""
        with asking(uri):
            self._files.pipe_file(parse(uri).uri, data)

    def exists(self, uri: str) -> bool:
        """Say whether an object (not a folder) is there."""
        with asking(uri):
            try:
                return bool(self._files.info(parse(uri).uri)["type"] == "file")
            except (FileNotFoundError, NotADirectoryError):
                return False

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the URIs of the objects below a prefix, sorted."""
        top = parse(prefix)
        with asking(prefix):
            found = self._files.find(f"{top.uri}/")
        locations = [Location(top.scheme, str(path).lstrip("/")) for path in found]
        return tuple(sorted(one.uri for one in locations if one.path.startswith(f"{top.path}/")))

    def fetch(self, prefix: str, folder: Path) -> None:
        """Copy every object below a prefix into a local folder."""
        top = parse(prefix)
        for uri in self.list(prefix):
            target = folder / below(top, parse(uri))
            data = self.read(uri)
            with asking(str(target)):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)

    def put(self, folder: Path, prefix: str) -> None:
        """Copy every file of a local folder below a prefix."""
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            self.write(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())
