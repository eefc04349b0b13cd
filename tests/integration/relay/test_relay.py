"""The relay on a real database and an Airflow that misbehaves, in this process and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from include.access.principal import Role, Scope, system
from include.client.messages.base import RunRef
from include.client.messages.decisions import DecisionState, OpenDecision
from include.clock import ManualClock, SystemClock
from include.registry.announcing import KIND, Registered
from include.relay.airflow import Account, AirflowApi
from include.rollout import rollbacks
from include.rollout.rollbacks import RollbackWanted
from plugins.airworthy.api.actions.deciding import ask
from plugins.airworthy.api.migrate import upgrade
from plugins.airworthy.api.storage.work import Database
from plugins.airworthy.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCOPE = Scope("default", "embedded")
EVENT = Registered(model="m", version="1.0.0", package_digest="sha256:1")
RUN = RunRef(dag_id="m_release", run_id="r1", task_id="ask")


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path}/airworthy.db"
    upgrade(address)
    return address


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def database(url: str, clock: ManualClock) -> Iterator[Database]:
    opened = Database(url, clock)
    yield opened
    opened.close()


@pytest.fixture
def relay(airflow, database: Database) -> Iterator[Relay]:
    api = AirflowApi(airflow.url, Account("airworthy", "s3cret"))
    yield Relay(database, api, SCOPE)
    api.close()


def put(database: Database, kind: str = KIND) -> None:
    with database.writing(system(SCOPE)) as work:
        work.outbox.add(kind, EVENT, work.now)


def waiting(database: Database) -> int:
    with database.reading(SCOPE) as stores:
        return stores.outbox.waiting()


def test_an_event_arrives_once_and_is_acknowledged(airflow, relay: Relay, database) -> None:
    asset = airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    put(database)
    assert [relay.round(), relay.round(), waiting(database)] == [1, 0, 0]
    assert airflow.events == [{"asset_id": asset, "extra": EVENT.model_dump()}]


def test_a_wish_to_go_back_arrives_at_its_own_asset(airflow, relay: Relay, database) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    asset = airflow.add_asset("airworthy_rollback_m", "x-airworthy://models/m/rollback")
    wish = RollbackWanted(model="m", version="1.0.0", rollback_id="01K")
    with database.writing(system(SCOPE)) as work:
        work.outbox.add(rollbacks.KIND, wish, work.now)
    assert [relay.round(), waiting(database)] == [1, 0]
    extra = {"model": "m", "version": "1.0.0", "rollback_id": "01K"}
    assert airflow.events == [{"asset_id": asset, "extra": extra}]


def test_an_event_waits_until_its_asset_is_parsed(airflow, relay: Relay, database, clock) -> None:
    put(database)
    assert [relay.round(), relay.round(), waiting(database)] == [0, 0, 1]
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    assert relay.round() == 0, "not due yet"
    clock.advance(1)
    assert [relay.round(), waiting(database)] == [1, 0]


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_a_refusal_is_tried_again_later(airflow, relay: Relay, database, clock, status) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    airflow.mishaps = [status]
    put(database)
    assert relay.round() == 0
    clock.advance(1)
    assert [relay.round(), len(airflow.events)] == [1, 1]


def test_a_lost_answer_gives_a_second_event_and_never_none(
    airflow, relay: Relay, database, clock
) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    airflow.accept_then_drop = 1
    put(database)
    assert relay.round() == 0
    clock.advance(1)
    assert [relay.round(), len(airflow.events)] == [1, 2]
    assert airflow.events[0] == airflow.events[1]


def test_an_expired_token_does_not_cost_a_try(airflow, relay: Relay, database) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    put(database)
    relay.round()
    airflow.expire_tokens()
    put(database)
    assert relay.round() == 1


def test_one_bad_letter_does_not_hold_the_others(airflow, relay: Relay, database) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    put(database, kind="unheard_of")
    put(database)
    assert [relay.round(), waiting(database)] == [1, 1]


def test_a_decision_is_closed_when_its_deadline_passes(relay: Relay, database, clock) -> None:
    question = OpenDecision(
        kind="first_release",
        title="Release it?",
        body="",
        subject="m 1.0.0",
        subject_digest="sha256:" + "1" * 64,
        options=("release", "refuse"),
        default="refuse",
        roles=(Role.APPROVER.value,),
        deadline_seconds=60,
        run=RUN,
    )
    with database.writing(system(SCOPE)) as work:
        asked = ask(work, question)
    assert relay.close_overdue() == ()
    clock.advance(60)
    assert relay.close_overdue() == (asked.id,)
    with database.reading(SCOPE) as stores:
        assert stores.decisions.get(asked.id).state is DecisionState.EXPIRED
        assert stores.trail.events("", 10)[-1].action == "decision.expired"


class Process:
    """`python -m plugins.airworthy.relay`, as the supervisor starts it."""

    def __init__(self, url: str, airflow_url: str, password_file: Path) -> None:
        environ = {
            **os.environ,
            "AIRWORTHY_DATABASE_URL": url,
            "AIRWORTHY_AIRFLOW_URL": airflow_url,
            "AIRWORTHY_AIRFLOW_USER": "airworthy",
            "AIRWORTHY_AIRFLOW_PASSWORD_FILE": str(password_file),
        }
        environ.pop("AIRWORTHY_AIRFLOW_PASSWORD", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plugins.airworthy.relay"],
            env=environ,
            stdout=subprocess.DEVNULL,
        )

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


def until(claim, seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_killed_relay_loses_nothing_and_a_told_one_ends_cleanly(
    airflow, url: str, tmp_path: Path
) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    passwords = tmp_path / "passwords.json"
    passwords.write_text('{"airworthy": "s3cret"}')
    database = Database(url, SystemClock())
    try:
        first = Process(url, airflow.url, passwords)
        put(database)
        until(lambda: waiting(database) == 0)
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
        put(database)
        second = Process(url, airflow.url, passwords)
        until(lambda: waiting(database) == 0)
        assert second.end(signal.SIGTERM) == 0
    finally:
        database.close()
    assert len(airflow.events) == 2


def test_what_a_dead_relay_had_claimed_is_due_again(airflow, relay, database, clock) -> None:
    airflow.add_asset(EVENT.asset_name, EVENT.asset_uri)
    put(database)
    with database.writing(system(SCOPE)) as work:
        assert len(work.outbox.claim(work.now, 10)) == 1
    assert relay.round() == 0
    clock.advance(61)
    assert relay.round() == 1


def test_without_an_account_it_says_what_to_set(url: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AIRWORTHY_AIRFLOW")}
    ended = subprocess.run(
        [sys.executable, "-m", "plugins.airworthy.relay"],
        env={**environ, "AIRWORTHY_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert "AIRWORTHY_AIRFLOW_PASSWORD" in ended.stderr
    assert "Traceback" not in ended.stderr
