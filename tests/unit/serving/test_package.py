"""A package says what is in it, and notices every change."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include import digest
from include.errors import PackageTampered
from include.serving.package import MANIFEST, seal, verify

pytestmark = pytest.mark.steps


@pytest.fixture
def package(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.bin").write_bytes(b"first")
    (tmp_path / "b.txt").write_bytes(b"second")
    seal(tmp_path, model="toy", model_digest="d")
    return tmp_path


def test_whole_package_passes(package):
    manifest = verify(package)
    assert [file.path for file in manifest.files] == ["b.txt", "inner/a.bin"]
    assert manifest.digest == digest.of_file(package / MANIFEST)
    assert verify(package, expected=manifest.digest) == manifest


def test_same_files_same_digest(package, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "b.txt").write_bytes(b"second")
    (other / "inner").mkdir()
    (other / "inner" / "a.bin").write_bytes(b"first")
    assert seal(other, model="toy", model_digest="d").digest == verify(package).digest


def test_changed_file_of_equal_size_is_named(package):
    (package / "inner" / "a.bin").write_bytes(b"FIRST")
    with pytest.raises(PackageTampered, match=r"inner/a\.bin"):
        verify(package)


def test_missing_file_is_named(package):
    (package / "b.txt").unlink()
    with pytest.raises(PackageTampered, match=r"b\.txt"):
        verify(package)


def test_added_file_is_named(package):
    (package / "sitecustomize.py").write_text("print()")
    with pytest.raises(PackageTampered, match="sitecustomize"):
        verify(package)


def test_link_is_refused(package):
    (package / "b.txt").unlink()
    (package / "b.txt").symlink_to("/etc/hostname")
    with pytest.raises(PackageTampered, match="symbolic link"):
        verify(package)


def test_another_package_is_refused(package):
    with pytest.raises(PackageTampered, match="another package"):
        verify(package, expected="0" * 64)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format": 1}'])
def test_broken_manifest(package, data):
    (package / MANIFEST).write_bytes(data)
    with pytest.raises(PackageTampered, match=r"manifest\.json"):
        verify(package)


def test_manifest_in_another_form_is_refused(package):
    path = package / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    with pytest.raises(PackageTampered, match="canonical"):
        verify(package)


def test_format_of_another_release_is_refused(package):
    path = package / MANIFEST
    document = json.loads(path.read_text()) | {"format": 2}
    path.write_bytes(digest.canonical(document))
    with pytest.raises(PackageTampered, match="another release"):
        verify(package)


@given(place=st.integers(0, 4), value=st.integers(1, 255))
def test_any_changed_byte_is_noticed(tmp_path_factory, place, value):
    folder = tmp_path_factory.mktemp("package")
    body = bytearray(b"first")
    (folder / "a").write_bytes(body)
    seal(folder, model="toy", model_digest="d")
    body[place] ^= value
    (folder / "a").write_bytes(body)
    with pytest.raises(PackageTampered):
        verify(folder)
