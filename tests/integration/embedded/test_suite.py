"""The suite as people run it: up, kills, down, Ctrl-C, with nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from include.embedded import credentials, health
from include.embedded.door import AirflowDoor
from include.embedded.home import REPOSITORY
from include.embedded.ports import read
from include.embedded.supervision import ProgramStatus, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.embedded.conftest import Installation

pytestmark = [pytest.mark.timeout(420), pytest.mark.random_order(disabled=True)]
BACK_SECONDS = 30
PROGRAMS = ("api-server", "serving", "relay", "dag-processor", "triggerer", "scheduler")


@pytest.fixture
def suite(installation: Installation) -> Iterator[Installation]:
    if not Supervisor(installation.home).answers():
        started = installation.call("up")
        assert started.returncode == 0, started.stdout + started.stderr
    return installation


def named(suite: Installation, name: str) -> ProgramStatus:
    return next(one for one in Supervisor(suite.home).programs() if one.name == name)


def within(seconds: float, holds: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.25)
    return time.monotonic() - began


def answering(suite: Installation) -> Callable[[], bool]:
    ports = read(suite.environ)
    door = AirflowDoor(ports.airflow_url, "admin", credentials.passwords(suite.home)["admin"])
    conditions = health.conditions(suite.home, ports, door)
    return lambda: not any(condition.unmet() for condition in conditions)


def test_everything_is_up_and_listens_on_this_machine_only(suite: Installation) -> None:
    assert {one.name for one in Supervisor(suite.home).programs()} == set(PROGRAMS)
    listening = {
        connection.laddr[0]
        for pid in suite.alive()
        for connection in psutil.Process(pid).net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_a_second_up_finds_it_running(suite: Installation) -> None:
    pid = Supervisor(suite.home).pid()
    again = suite.call("up")
    assert again.returncode == 0
    assert "running already" in again.stdout
    assert Supervisor(suite.home).pid() == pid


def test_people_log_in_with_their_own_roles(suite: Installation) -> None:
    url = read(suite.environ).airflow_url
    for name, password in credentials.passwords(suite.home).items():
        door = AirflowDoor(url, name, password)
        assert door.token()
        door.close()
    refused = httpx.post(f"{url}/auth/token", json={"username": "admin", "password": "admin"})
    assert refused.status_code == 401
    assert httpx.get(f"{url}/api/v2/dags").status_code == 401


def test_connections_and_pools_are_loaded(suite: Installation) -> None:
    passwords = credentials.passwords(suite.home)
    door = AirflowDoor(read(suite.environ).airflow_url, "admin", passwords["admin"])
    connections = door.get("/connections", limit=100)["connections"]
    pools = door.get("/pools", limit=100)["pools"]
    door.close()
    assert {one["connection_id"] for one in connections} >= {"airworthy", "airworthy_serving"}
    assert "slack_alerts" not in {one["connection_id"] for one in connections}
    assert {one["name"]: one["slots"] for one in pools} >= {
        "airworthy_training": 2, "airworthy_release": 4,
    }.items()  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_is_back_within_thirty_seconds(suite: Installation, name: str) -> None:
    within(60, answering(suite))
    before = named(suite, name).pid
    left = set(suite.alive(name))
    os.kill(before, signal.SIGKILL)
    within(BACK_SECONDS, lambda: named(suite, name).pid not in {0, before})
    took = within(BACK_SECONDS, answering(suite))
    assert took < BACK_SECONDS
    assert not left & set(suite.alive(name)), "something of its previous life is still there"


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
    os.kill(Supervisor(suite.home).pid(), signal.SIGKILL)
    within(5, lambda: not Supervisor(suite.home).answers())
    assert suite.alive()
    assert suite.call("down").returncode == 0
    assert suite.alive() == []


@pytest.mark.parametrize("seconds", [0.5, 2, 8])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_nothing(
    installation: Installation, seconds: float, number: signal.Signals
) -> None:
    installation.call("down")
    with subprocess.Popen(
        installation.command("up"), env=installation.environ, cwd=REPOSITORY,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as starting:  # fmt: skip
        time.sleep(seconds)
        os.killpg(starting.pid, number)
        assert starting.wait(60) in {130, -number}
    assert installation.alive() == []
