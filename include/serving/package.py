"""A model package: a folder whose ``manifest.json`` names every file with its SHA-256.

The digest of a package is the SHA-256 of the canonical JSON of its manifest, which is also the file
as it lies there. Light: needs no library of the steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from include import digest
from include.errors import PackageTampered
from include.steps.contract import Record

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"


class PackagedFile(Record):
    """One file of a package."""

    path: str = Field(description="Path below the package, with forward slashes.")
    sha256: str = Field(description="SHA-256 of its bytes.")
    size: int = Field(description="Bytes.")


class PackageManifest(Record):
    """``manifest.json``: every other file of the package, and what the package is."""

    format: int = Field(description="Version of the package format.")
    model: str = Field(description="Name of the model.")
    model_digest: str = Field(description="Digest of the model inside.")
    files: tuple[PackagedFile, ...] = Field(description="Every other file, sorted by path.")

    @property
    def digest(self) -> str:
        """Digest of the package: SHA-256 of the canonical manifest."""
        return digest.of_json(self.model_dump(mode="json"))


def seal(folder: Path, *, model: str, model_digest: str) -> PackageManifest:
    """Write the manifest of the files in ``folder`` and return it."""
    files = tuple(
        PackagedFile(
            path=path.relative_to(folder).as_posix(),
            sha256=digest.of_file(path),
            size=path.stat().st_size,
        )
        for path in _files(folder)
    )
    manifest = PackageManifest(format=FORMAT, model=model, model_digest=model_digest, files=files)
    (folder / MANIFEST).write_bytes(digest.canonical(manifest.model_dump(mode="json")))
    return manifest


def verify(folder: Path, *, expected: str = "") -> PackageManifest:
    """Check every file of a package against its manifest and return the manifest.

    Args:
        folder: The package.
        expected: Digest that the package must have; empty where any is right.

    Raises:
        PackageTampered: the manifest is missing, broken or not the expected one, or a file is
            missing, changed, added or a symbolic link. The error names the file.
    """
    manifest = _manifest(folder)
    if expected and manifest.digest != expected:
        raise _tampered("this is another package", folder / MANIFEST, manifest.digest)
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    named = {file.path: file for file in manifest.files}
    for name in sorted(set(found) - set(named)):
        raise _tampered("the manifest does not name this file", found[name])
    for name, file in named.items():
        if name not in found:
            raise _tampered("a file of the package is missing", folder / name)
        if found[name].stat().st_size != file.size or digest.of_file(found[name]) != file.sha256:
            raise _tampered("a file of the package was changed", found[name])
    return manifest


def _manifest(folder: Path) -> PackageManifest:
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        manifest = PackageManifest.model_validate_json(data)
    except (OSError, ValidationError) as error:
        raise _tampered("the manifest cannot be read", path) from error
    if manifest.format != FORMAT:
        raise _tampered("a package format of another release", path, manifest.format)
    if digest.of_bytes(data) != manifest.digest:
        raise _tampered("the manifest is not in canonical form", path)
    return manifest


def _files(folder: Path) -> list[Path]:
    """Return the files of a package but its manifest; links are refused, they lead elsewhere."""
    paths = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    link = next((path for path in paths if path.is_symlink()), None)
    if link is not None:
        raise _tampered("a symbolic link in a package", link)
    return [path for path in paths if path.is_file() and path != folder / MANIFEST]


def _tampered(what: str, path: Path, value: object = None) -> PackageTampered:
    remedy = "Fetch the package from the store again"
    return PackageTampered(what, where=str(path), value=value, remedy=remedy)
