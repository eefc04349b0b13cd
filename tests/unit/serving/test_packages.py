from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from include.errors import BadInput, ObjectMissing, PackageTampered
from include.serving import package
from include.serving.packages import Packages


class Folder:
    """A store that is a folder, and counts."""

    def __init__(self) -> None:
        self.fetched = 0

    def fetch(self, prefix: str, folder: Path) -> None:
        source = Path(prefix.removeprefix("file://"))
        if not source.is_dir():
            raise ObjectMissing("nothing there", where=prefix)
        self.fetched += 1
        shutil.copytree(source, folder, dirs_exist_ok=True)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Packages, Folder, str, str]:
    draft = tmp_path / "draft"
    draft.mkdir()
    (draft / "weights.json").write_text("[1, 2]")
    digest = package.seal(draft, model="m", model_digest="0" * 64).digest
    target = tmp_path / "store" / "packages" / digest
    target.parent.mkdir(parents=True)
    draft.rename(target)
    source = Folder()
    allowed = f"file://{tmp_path}/store/packages"
    return Packages(tmp_path / "cache", source, allowed), source, f"{allowed}/{digest}", digest


def test_a_package_is_fetched_once(place: tuple[Packages, Folder, str, str]) -> None:
    packages, source, uri, digest = place
    first = packages.obtain(uri, digest)
    assert json.loads((first / "weights.json").read_text()) == [1, 2]
    assert packages.obtain(uri, digest) == first
    assert source.fetched == 1


def test_a_damaged_local_copy_is_fetched_again(place: tuple[Packages, Folder, str, str]) -> None:
    packages, source, uri, digest = place
    folder = packages.obtain(uri, digest)
    (folder / "weights.json").write_text("[6, 6]")
    assert (packages.obtain(uri, digest) / "weights.json").read_text() == "[1, 2]"
    assert source.fetched == 2


def test_a_tampered_package_never_arrives(place: tuple[Packages, Folder, str, str]) -> None:
    packages, _, uri, digest = place
    (Path(uri.removeprefix("file://")) / "weights.json").write_text("[6, 6]")
    with pytest.raises(PackageTampered, match=r"weights\.json"):
        packages.obtain(uri, digest)
    assert list((packages.folder).iterdir()) == []


def test_another_package_than_promised(place: tuple[Packages, Folder, str, str]) -> None:
    packages, _, uri, _ = place
    with pytest.raises(PackageTampered, match="another package"):
        packages.obtain(uri, "b" * 64)


def test_a_missing_package(place: tuple[Packages, Folder, str, str]) -> None:
    packages, _, uri, digest = place
    shutil.rmtree(uri.removeprefix("file://"))
    with pytest.raises(ObjectMissing):
        packages.obtain(uri, digest)


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "http://elsewhere/packages/x",
        "{allowed}",
        "{allowed}/../../secret",
        "{allowed}evil/x",
        "{allowed}/x?y",
        "{allowed}/%2e%2e/x",
        "",
    ],
)
def test_nothing_outside_the_store_is_opened(
    place: tuple[Packages, Folder, str, str], uri: str
) -> None:
    packages, source, _, digest = place
    with pytest.raises(BadInput, match="outside the store"):
        packages.obtain(uri.format(allowed=packages.allowed), digest)
    assert source.fetched == 0
