from __future__ import annotations

import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from include.embedded import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEP = "import time; print(1, flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


@pytest.fixture
def instance() -> Iterator[str]:
    marker = str(uuid.uuid4())
    yield marker
    processes.sweep(marker, grace=0.2)


def start(instance: str, service: str = "x", code: str = "") -> subprocess.Popen[bytes]:
    code = code or SLEEP
    environment = {**os.environ, processes.INSTANCE: instance, processes.SERVICE: service}
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    return child


def pids(instance: str, service: str | None = None) -> set[int]:
    return {process.pid for process in processes.marked(instance, service=service)}


def test_only_what_carries_the_marker_is_found(instance: str) -> None:
    with start(instance, "a") as one, start(instance, "b") as two, start("another") as stranger:
        assert pids(instance) == {one.pid, two.pid}
        assert pids(instance, "b") == {two.pid}
        assert stranger.pid not in pids(instance)
        for child in (one, two, stranger):
            child.kill()


def test_a_sweep_ends_the_stubborn_too_and_nobody_else(instance: str) -> None:
    with start(instance, code=STUBBORN) as mine, start("another") as stranger:
        assert processes.sweep(instance, grace=0.3) == 1
        assert mine.wait(5) == -9
        assert stranger.poll() is None
        stranger.kill()


def test_a_sweep_of_nothing_is_fine(instance: str) -> None:
    assert processes.sweep(instance) == 0


def test_memory_is_counted_over_the_marked(instance: str) -> None:
    with start(instance) as child:
        size, count = processes.memory(instance)
        assert count == 1
        assert 1_000_000 < size < 100_000_000
        child.kill()


def test_the_caller_is_never_its_own_victim() -> None:
    marker = os.environ.get(processes.INSTANCE, "")
    assert os.getpid() not in pids(marker)


def test_the_end_of_a_process_is_awaited(instance: str) -> None:
    with start(instance) as child:
        assert not processes.await_end(child.pid, 0.1)
        child.kill()
    assert processes.await_end(child.pid, 1)
