"""Stopping the suite: orderly, after a kill of its supervisor, and in the middle of a start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from include.embedded import processes
from include.embedded.home import REPOSITORY
from include.embedded.supervision import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.installation import Installation

pytestmark = pytest.mark.timeout(420)


@pytest.fixture
def suite(installation: Installation) -> Iterator[Installation]:
    if not Supervisor(installation.home).answers():
        started = installation.call("up")
        assert started.returncode == 0, started.stdout + started.stderr
    return installation


def test_the_taken_port_is_named_with_its_holder_and_variable(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        home = installation.home.root.parent / "other"
        (home / "venv").parent.mkdir(exist_ok=True)
        if not (home / "venv").exists():
            (home / "venv").symlink_to((installation.home.root / "venv").resolve())
        refused = installation.call("up", AIRWORTHY_HOME=str(home), AIRWORTHY_PORT=str(number))
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert f"port {number} is taken" in line
    assert f"pid {os.getpid()}" in line
    assert "AIRWORTHY_PORT=" in line


def test_down_ends_everything_in_time_and_twice(suite: Installation) -> None:
    began = time.monotonic()
    assert suite.call("down").returncode == 0
    assert time.monotonic() - began < 30
    assert suite.alive() == []
    assert suite.call("down").returncode == 0
    assert suite.call("status").returncode == 3


def test_down_finds_what_a_killed_supervisor_left(suite: Installation) -> None:
    pid = Supervisor(suite.home).pid()
    os.kill(pid, signal.SIGKILL)
    assert processes.await_end(pid, 5)
    assert suite.alive()
    assert suite.call("down").returncode == 0
    assert suite.alive() == []


def heeding_interrupts() -> None:
    """Undo what a shell does to what it starts in the background, the tests with it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("seconds", "number"), [(0.5, signal.SIGINT), (3, signal.SIGINT), (10, signal.SIGTERM)]
)
def test_an_interrupted_start_leaves_nothing(
    installation: Installation, seconds: float, number: signal.Signals
) -> None:
    installation.call("down")
    with subprocess.Popen(
        installation.command("up"), env=installation.environ, cwd=REPOSITORY,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=heeding_interrupts,
    ) as starting:  # fmt: skip
        time.sleep(seconds)
        os.killpg(starting.pid, number)
        assert starting.wait(60) in {130, -number}
    assert installation.alive() == []
