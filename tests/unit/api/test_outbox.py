from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from include.access.principal import Scope, system
from include.registry.announcing import KIND, Registered
from tests.unit.api.conftest import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from include.clock import ManualClock
    from plugins.airworthy.api.storage.outbox import Outbox
    from plugins.airworthy.api.storage.work import Database


@contextmanager
def outbox(database: Database) -> Iterator[Outbox]:
    with database.writing(system(SCOPE)) as work:
        yield work.outbox


@pytest.fixture
def database(app: FastAPI, clock: ManualClock) -> Iterator[Database]:
    found: Database = app.state.database
    for number in range(3):
        with outbox(found) as letters:
            version = Registered(model="ames", version=f"1.0.{number}", package_digest="p")
            letters.add(KIND, version, clock.now())
        clock.advance(1)
    yield found
    found.close()


def test_a_claim_is_a_lease(database: Database, clock: ManualClock) -> None:
    with outbox(database) as letters:
        first = letters.claim(clock.now(), 2)
    assert [Registered.model_validate_json(x.payload).version for x in first] == ["1.0.0", "1.0.1"]
    with outbox(database) as letters:
        assert len(letters.claim(clock.now(), 9)) == 1
        assert letters.claim(clock.now(), 9) == ()
    clock.advance(60)
    with outbox(database) as letters:
        assert len(letters.claim(clock.now(), 9)) == 3


def test_what_arrived_is_never_claimed_again(database: Database, clock: ManualClock) -> None:
    with outbox(database) as letters:
        for letter in letters.claim(clock.now(), 9):
            letters.acknowledge(letter.id, clock.now())
    clock.advance(10_000)
    with outbox(database) as letters:
        assert letters.claim(clock.now(), 9) == ()
        assert letters.waiting() == 0


def test_what_failed_comes_back_later_and_later(database: Database, clock: ManualClock) -> None:
    pauses = []
    for _ in range(12):
        with outbox(database) as letters:
            letter = letters.claim(clock.now(), 1)[0]
            due = letters.put_off(letter.id, "Airflow is down", clock.now())
        assert due is not None
        pauses.append((due - clock.now()).total_seconds())
        with outbox(database) as letters:
            for other in letters.claim(clock.now(), 9):
                letters.acknowledge(other.id, clock.now())
        clock.instant = due
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == 300


def test_unknown_and_delivered_letters_are_left_alone(
    database: Database, clock: ManualClock
) -> None:
    with outbox(database) as letters:
        letter = letters.claim(clock.now(), 1)[0]
        letters.acknowledge(letter.id, clock.now())
        letters.acknowledge("nothing", clock.now())
        assert letters.put_off(letter.id, "late", clock.now()) is None
        assert letters.put_off("nothing", "late", clock.now()) is None


def test_another_scope_sees_nothing(database: Database, clock: ManualClock) -> None:
    with database.writing(system(Scope("default", "production"))) as work:
        assert work.outbox.claim(clock.now(), 9) == ()
