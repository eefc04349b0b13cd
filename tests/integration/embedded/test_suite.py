"""A running suite: who may enter, what it listens on, and what comes back after a kill."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from include.embedded import credentials, health
from include.embedded.door import AirflowDoor
from include.embedded.ports import read
from include.embedded.supervision import ProgramStatus, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.installation import Installation

pytestmark = pytest.mark.timeout(420)
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


def within(seconds: float, missing: Callable[[], list[str]]) -> None:
    deadline = time.monotonic() + seconds
    while why := missing():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {why}"
        time.sleep(0.25)


@pytest.fixture
def admin(suite: Installation) -> Iterator[AirflowDoor]:
    password = credentials.passwords(suite.home)["admin"]
    with AirflowDoor(read(suite.environ).airflow_url, "admin", password) as door:
        yield door


def unmet(suite: Installation, admin: AirflowDoor) -> list[str]:
    conditions = health.conditions(suite.home, read(suite.environ), admin)
    return [f"{condition.name}: {why}" for condition in conditions if (why := condition.unmet())]


def test_everything_is_up_and_listens_on_this_machine_only(suite: Installation) -> None:
    assert {one.name for one in Supervisor(suite.home).programs()} == set(PROGRAMS)
    mine = set(suite.alive())
    # One table for all: a task's process that is in the list may have ended since.
    listening = {
        connection.laddr[0]
        for connection in psutil.net_connections(kind="tcp")
        if connection.pid in mine and connection.status == psutil.CONN_LISTEN
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
        with AirflowDoor(url, name, password) as door:
            assert door.token()
    refused = httpx.post(f"{url}/auth/token", json={"username": "admin", "password": "admin"})
    assert refused.status_code == 401
    assert httpx.get(f"{url}/api/v2/dags").status_code == 401


def test_connections_and_pools_are_loaded(admin: AirflowDoor) -> None:
    connections = admin.get("/connections", limit=100)["connections"]
    pools = admin.get("/pools", limit=100)["pools"]
    assert {one["connection_id"] for one in connections} >= {"airworthy", "airworthy_serving"}
    assert "slack_alerts" not in {one["connection_id"] for one in connections}
    slots = {one["name"]: one["slots"] for one in pools}
    assert (slots["airworthy_training"], slots["airworthy_release"]) == (2, 4)


def still_missing(
    suite: Installation, admin: AirflowDoor, name: str, killed: datetime
) -> list[str]:
    why = unmet(suite, admin)
    if name in {"scheduler", "dag-processor", "triggerer"}:
        why.append(admin.heartbeat_missing(name.replace("-", "_"), killed))
    return [one for one in why if one]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_is_back_within_thirty_seconds(
    suite: Installation, admin: AirflowDoor, name: str
) -> None:
    within(60, lambda: unmet(suite, admin))
    left, killed = set(suite.alive(name)), datetime.now(UTC)
    os.kill(named(suite, name).pid, signal.SIGKILL)
    within(BACK_SECONDS, lambda: sorted(left & set(suite.alive(name))))
    time.sleep(1)
    within(BACK_SECONDS - 1, lambda: still_missing(suite, admin, name, killed))
    seconds = (datetime.now(UTC) - killed).total_seconds()
    print(f"{name} back after {seconds:.1f} s")
    assert seconds < BACK_SECONDS
