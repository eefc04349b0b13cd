"""No row changes without its event: the unit of work itself, with its guards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, update

from include.access.principal import Principal, Role, system
from include.audit.occurrence import Occurrence
from include.client.messages.rollouts import EndpointRecord
from plugins.airworthy.api.storage.base import Audited
from plugins.airworthy.api.storage.endpoints import EndpointRow
from plugins.airworthy.api.storage.tables import METADATA, Table
from plugins.airworthy.api.storage.trail import PayloadRow
from plugins.airworthy.api.storage.work import Database, Untold, Work
from tests.unit.api.conftest import SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

TECHNICAL = {"audit_event", "audit_payload", "idempotency", "outbox", "stage_look"}
ANN = Principal("person", "ann.smith@example.org", frozenset({Role.ADMIN}), "token", SCOPE)
AMES = EndpointRecord(name="ames", model="ames", owner="", fencing_token=0, revision=0, variants=())
BORN = Occurrence("endpoint.claimed", "endpoint", "ames")


@pytest.fixture
def database(app: FastAPI) -> Iterator[Database]:
    found: Database = app.state.database
    yield found
    found.close()


def endpoints(database: Database) -> int:
    with database.reading(SCOPE) as stores:
        return len(stores.endpoints.listed())


def change(
    database: Database, told: Occurrence, then: Callable[[Work], object] = lambda work: None
) -> None:
    with database.writing(ANN) as work:
        work.endpoints.put(AMES)
        work.tell(told)
        then(work)


def test_only_technical_tables_are_beside_the_trail() -> None:
    mappers = Table.registry.mappers
    beside = {m.local_table.name for m in mappers if not issubclass(m.class_, Audited)}
    assert beside == TECHNICAL
    assert {mapper.local_table.name for mapper in mappers} == set(METADATA.tables)


def test_every_key_begins_with_tenant_and_environment() -> None:
    for table in METADATA.tables.values():
        assert [c.name for c in table.primary_key.columns][:2] == ["tenant", "environment"]


def test_a_change_without_an_event_is_refused(database: Database) -> None:
    with pytest.raises(Untold, match="'endpoint', 'ames'"), database.writing(ANN) as work:
        work.endpoints.put(AMES)
    assert endpoints(database) == 0


def test_an_event_about_something_else_does_not_help(database: Database) -> None:
    with pytest.raises(Untold):
        change(database, Occurrence("endpoint.claimed", "endpoint", "bike"))
    assert endpoints(database) == 0


def test_a_later_change_needs_an_event_too(database: Database) -> None:
    with database.writing(ANN) as work:
        work.endpoints.put(AMES)
        work.tell(BORN)
    with pytest.raises(Untold), database.writing(ANN) as work:
        work.endpoints.put(AMES.model_copy(update={"revision": 1}))
    with database.reading(SCOPE) as stores:
        assert stores.endpoints.get("ames") == AMES


@pytest.mark.parametrize(
    "statement",
    [
        update(EndpointRow).values(owner="me"),
        delete(EndpointRow),
        insert(EndpointRow).values(tenant="t", environment="e", name="x"),
    ],
    ids=["update", "delete", "insert"],
)
def test_statements_behind_the_trail_are_refused(database: Database, statement: object) -> None:
    with pytest.raises(Untold), database.writing(ANN) as work:
        work.endpoints.session.execute(statement)


def test_committing_past_the_unit_of_work_is_refused(database: Database) -> None:
    with pytest.raises(Untold):
        change(database, BORN, lambda work: work.endpoints.session.commit())
    assert endpoints(database) == 0


def test_an_error_undoes_change_and_event(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        change(database, BORN, lambda work: 1 / 0)
    assert endpoints(database) == 0
    with database.reading(SCOPE) as stores:
        assert stores.trail.events("", 10) == ()


def test_reading_keeps_nothing(database: Database) -> None:
    with database.reading(SCOPE) as stores:
        stores.endpoints.put(AMES)
    assert endpoints(database) == 0


def test_events_are_dense_ordered_and_pageable(database: Database) -> None:
    for number in range(5):
        with database.writing(ANN, f"request-{number}") as work:
            work.tell(Occurrence("access.denied", "route", str(number)))
            work.tell(Occurrence("access.denied", "route", f"{number}b"), by_time=True)
    with database.reading(SCOPE) as stores:
        whole = stores.trail.events("", 100)
        page = stores.trail.events(whole[3].id, 4)
    assert [e.object_id for e in whole] == [f"{n}{s}" for n in range(5) for s in ("", "b")]
    assert page == whole[4:8]
    assert [e.actor_kind for e in whole[:2]] == ["person", "system"]


def test_a_person_can_be_erased_from_the_trail(database: Database) -> None:
    with database.writing(ANN) as work:
        work.tell(Occurrence("access.denied", "route", "x", reason="because ann.smith asked"))
    with database.engine.begin() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM audit_event").scalars().all()
        assert b"ann" not in b"".join(bodies)
        connection.execute(delete(PayloadRow))
    with database.reading(SCOPE) as stores:
        event = stores.trail.events("", 1)[0]
    assert (event.actor, event.reason) == ("(erased)", "(erased)")


def test_scopes_have_trails_of_their_own(database: Database) -> None:
    other = system(type(SCOPE)("another", "production"))
    for actor in (ANN, other, ANN):
        with database.writing(actor) as work:
            work.tell(Occurrence("access.denied", "route", "x"))
    with database.reading(other.scope) as stores:
        assert len(stores.trail.events("", 10)) == 1
