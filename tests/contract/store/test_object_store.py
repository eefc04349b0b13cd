"""One contract for every object store: files and whatever fsspec reaches."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import fsspec
import pytest

from include.errors import BadInput, ObjectMissing, StoreFull, StoreUnavailable
from include.store.fsspec_store import FsspecStore
from tests.support.s3_server import S3Server, s3_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.store.objects import ObjectStore

ROOT = Path(__file__).parents[3]
ABUSE = (
    "{root}/../outside",
    "{root}/a/../../outside",
    "{root}/./a",
    "{root}/a\\..\\b",
    "{root}/a\0b",
    "{root}/line\nbreak",
    "relative/path",
    "/absolute/path",
    "file://host/path",
    "file://",
    "",
)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture(params=["file", "memory", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"file://{tmp_path}/store"
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3")
        return f"s3://{server.bucket}/{uuid4().hex}"
    fsspec.filesystem("memory").store.clear()
    return f"memory://store-{uuid4().hex}"


@pytest.fixture
def store() -> ObjectStore:
    return FsspecStore()


class TestObjectStore:
    def test_what_was_written_is_read(self, store: ObjectStore, root: str) -> None:
        data = bytes(range(256)) * 1000
        store.write(f"{root}/a/b/c.bin", data)
        assert store.read(f"{root}/a/b/c.bin") == data
        store.write(f"{root}/a/b/c.bin", b"")
        assert store.read(f"{root}/a/b/c.bin") == b""

    def test_missing_object_says_where_and_what_to_do(self, store: ObjectStore, root: str) -> None:
        with pytest.raises(ObjectMissing) as caught:
            store.read(f"{root}/nothing.json")
        assert caught.value.where == f"{root}/nothing.json"
        assert caught.value.remedy

    def test_folder_is_no_object(self, store: ObjectStore, root: str) -> None:
        store.write(f"{root}/folder/object", b"x")
        assert store.exists(f"{root}/folder/object")
        assert not store.exists(f"{root}/folder")
        assert not store.exists(f"{root}/folder/object/below")
        with pytest.raises(ObjectMissing):
            store.read(f"{root}/folder")

    def test_list_is_sorted_and_keeps_to_its_folder(self, store: ObjectStore, root: str) -> None:
        for name in ("runs/b", "runs/a/deep", "runs-other/c", "run"):
            store.write(f"{root}/{name}", b"x")
        assert store.list(f"{root}/runs") == (f"{root}/runs/a/deep", f"{root}/runs/b")
        assert store.list(f"{root}/runs/") == store.list(f"{root}/runs")
        assert store.list(f"{root}/none") == ()
        assert all(store.read(uri) == b"x" for uri in store.list(root))

    def test_slashes_too_many_mean_nothing(self, store: ObjectStore, root: str) -> None:
        store.write(f"{root}//a///b", b"x")
        assert store.read(f"{root}/a/b") == b"x"

    def test_folder_goes_there_and_back(
        self, store: ObjectStore, root: str, tmp_path: Path
    ) -> None:
        (tmp_path / "from" / "deep").mkdir(parents=True)
        (tmp_path / "from" / "one.txt").write_bytes(b"1")
        (tmp_path / "from" / "deep" / "two words.txt").write_bytes(b"2")
        store.put(tmp_path / "from", f"{root}/package")
        store.fetch(f"{root}/package", tmp_path / "to")
        found = {p.relative_to(tmp_path / "to").as_posix() for p in (tmp_path / "to").rglob("*.*")}
        assert found == {"one.txt", "deep/two words.txt"}
        assert (tmp_path / "to" / "deep" / "two words.txt").read_bytes() == b"2"

    @pytest.mark.parametrize("abuse", ABUSE)
    def test_uri_that_leads_elsewhere_is_refused(
        self, store: ObjectStore, root: str, abuse: str
    ) -> None:
        uri = abuse.format(root=root)
        for attempt in (
            lambda: store.read(uri),
            lambda: store.write(uri, b"x"),
            lambda: store.exists(uri),
            lambda: store.list(uri),
        ):
            with pytest.raises(BadInput):
                attempt()

    def test_reader_sees_an_old_or_a_new_object_never_half(
        self, store: ObjectStore, root: str
    ) -> None:
        uri, size = f"{root}/object", 1 << 20
        store.write(uri, b"0" * size)
        done = threading.Event()
        seen: list[bytes] = []

        def watch() -> None:
            while not done.is_set():
                data = store.read(uri)
                if len(data) != size or data.strip(data[:1]):
                    seen.append(data)

        reader = threading.Thread(target=watch)
        reader.start()
        for number in range(1, 10):
            store.write(uri, str(number).encode() * size)
        done.set()
        reader.join()
        assert seen == []


def test_unknown_scheme_and_missing_driver_are_named() -> None:
    store = FsspecStore()
    with pytest.raises(BadInput, match="unknown kind of store"):
        store.read("nosuch://bucket/object")
    with pytest.raises(BadInput, match="Install gcsfs"):
        store.read("gs://bucket/object")


def test_a_bucket_that_is_not_there_or_does_not_answer_is_said() -> None:
    with s3_server() as server:
        store, uri = FsspecStore(), f"s3://{server.bucket}/object"
        with pytest.raises(StoreUnavailable, match="does not exist"):
            store.write("s3://no-such-bucket/object", b"x")
        store.write(uri, b"x")
    with pytest.raises(StoreUnavailable, match="Check the store's address and credentials"):
        store.read(uri)


class FullDisk:
    """Within it, no file may grow beyond a size: what a full disk does to a writer."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.handler)


def test_full_store_leaves_nothing_half_written(tmp_path: Path) -> None:
    store, uri = FsspecStore(), f"file://{tmp_path}/store/object"
    store.write(uri, b"first")
    with FullDisk(1000), pytest.raises(StoreFull) as caught:
        store.write(uri, b"x" * 5000)
    assert caught.value.where == uri
    assert caught.value.remedy
    assert store.read(uri) == b"first"
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["object"]


def test_store_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"a file where a folder should be")
    with pytest.raises(StoreUnavailable) as caught:
        FsspecStore().write(f"file://{tmp_path}/taken/object", b"x")
    assert caught.value.where.endswith("/taken/object")


KILLED = """
import os, signal
from pathlib import Path
from include.store import local
def die(handle): os.kill(os.getpid(), signal.SIGKILL)
os.fsync = die
local.LocalObjects().write({uri!r}, b"second")
"""


def test_writer_that_is_killed_leaves_the_old_object(tmp_path: Path) -> None:
    store, uri = FsspecStore(), f"file://{tmp_path}/object"
    store.write(uri, b"first")
    code = KILLED.format(uri=uri)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert store.read(uri) == b"first"
    assert store.list(f"file://{tmp_path}") == (uri,)
    (abandoned,) = tmp_path.glob(".*.partial")
    os.utime(abandoned, (0, 0))
    store.write(uri, b"third")
    assert [path.name for path in tmp_path.iterdir()] == ["object"]
