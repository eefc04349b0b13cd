"""What the unit tests show on SQLite, on both databases and between processes."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from include.access.principal import Principal, Role, Scope
from include.audit.occurrence import Occurrence
from include.client.messages.base import RunRef
from include.client.messages.decisions import AnswerDecision, OpenDecision
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion
from include.client.messages.rollouts import MoveRollout, OpenRollout, RolloutState
from include.clock import ManualClock
from include.errors import Conflict, DecisionClosed
from include.verdict import Verdict
from plugins.airworthy.api.actions import deciding, registering, rolling
from plugins.airworthy.api.migrate import upgrade
from plugins.airworthy.api.storage.engine import connect
from plugins.airworthy.api.storage.tables import METADATA
from plugins.airworthy.api.storage.work import Database, Untold
from tests.support.plans import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCOPE = Scope("default", "embedded")
RUN = RunRef(dag_id="ames_train", run_id="r1")
WORKLOAD = Principal("workload", "w", frozenset({Role.WORKLOAD}), "claimed", SCOPE, RUN)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def candidate(package: str) -> RegisterVersion:
    return RegisterVersion(
        model="ames", package_uri="u", package_digest=package, model_digest="m", signature="{}",
        dataset_digest="d", spec_digest="s", spec_uri="u", run=RUN,
        gates=(GateOutcome(name="good_enough", verdict=Verdict.PASS, message="fine"),),
        metrics=(MetricValue(name="auc", value=0.8),), release_policy="auto",
    )  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    found = Database(database_url, ManualClock(NOW))
    yield found
    found.close()


def together(count: int, task: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=task, args=(worker,)) for worker in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_four_processes_migrate_at_once(database_url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(upgrade, [database_url] * 4)
    engine = connect(database_url)
    with engine.connect() as connection:
        assert not compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()


def test_no_number_twice_and_one_for_each_package(database: Database) -> None:
    numbers: list[tuple[str, str]] = []

    def register(worker: int) -> None:
        for turn in range(5):
            # Every package is registered by two workers.
            package = f"p{worker // 2}-{turn}"
            with database.writing(WORKLOAD) as work:
                version = registering.register(work, candidate(package)).version
            numbers.append((package, version))

    together(6, register)
    assert len(numbers) == 30
    assert len(set(numbers)) == 15
    assert {version for _, version in numbers} == {f"1.0.{n}" for n in range(15)}
    with database.reading(SCOPE) as stores:
        events = stores.trail.events("", 1000)
    assert [e.action for e in events].count("version.registered") == 15
    assert database_sequence(database) == list(range(len(events)))


def database_sequence(database: Database) -> list[int]:
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT seq FROM audit_event ORDER BY seq").all()
    return [row[0] for row in rows]


def test_one_of_many_answers_counts(database: Database) -> None:
    with database.writing(WORKLOAD) as work:
        asked = deciding.ask(
            work,
            OpenDecision(
                kind="first_release", title="t", body="b", subject="s", subject_digest="p",
                options=("approve", "refuse"), default="refuse", roles=("approver",),
                deadline_seconds=60, run=RUN,
            ),
        )  # fmt: skip
    outcomes: list[str] = []

    def answer(worker: int) -> None:
        person = Principal("person", f"p{worker}", frozenset({Role.APPROVER}), "token", SCOPE)
        message = AnswerDecision(answer="approve", reason="fine", subject_digest="p")
        try:
            with database.writing(person) as work:
                outcomes.append(deciding.answer(work, asked.id, message).answered_by)
        except DecisionClosed as closed:
            outcomes.append(str(closed.what).split(" ", 1)[0])

    together(6, answer)
    assert len(outcomes) == 6
    assert len(set(outcomes)) == 1


def test_an_endpoint_has_one_owner_at_a_time(database: Database) -> None:
    with database.writing(WORKLOAD) as work:
        registering.register(work, candidate("p"))
    tokens: list[int] = []

    def roll_out(worker: int) -> None:
        run = RunRef(dag_id="ames_release", run_id=f"r{worker}")
        caller = Principal("workload", f"w{worker}", frozenset(), "claimed", SCOPE, run)
        wish = OpenRollout(
            endpoint="ames", model="ames", version="1.0.0", plan=plan("first"), run=run
        )
        with suppress(Conflict), database.writing(caller) as work:
            tokens.append(rolling.open_rollout(work, wish).fencing_token)

    together(6, roll_out)
    assert tokens == [1]
    with database.reading(SCOPE) as stores:
        [rollout] = stores.rollouts.listed("", None)
    caller = Principal("workload", "w", frozenset(), "claimed", SCOPE, rollout.run)
    with database.writing(caller) as work:
        failed = MoveRollout(state=RolloutState.FAILED, reason="x", fencing_token=1)
        rolling.move(work, rollout.id, failed)
    together(3, roll_out)
    assert 2 in tokens


def test_events_in_order_of_their_commits(database: Database) -> None:
    seen: list[str] = []

    def write(worker: int) -> None:
        for turn in range(10):
            with database.writing(WORKLOAD) as work:
                work.tell(Occurrence("access.denied", "route", f"{worker}-{turn}"))

    reader_is_done = threading.Event()

    def follow() -> None:
        while len(seen) < 40 and not reader_is_done.wait(0.01):
            with database.reading(SCOPE) as stores:
                seen.extend(e.id for e in stores.trail.events(seen[-1] if seen else "", 100))

    reader = threading.Thread(target=follow)
    reader.start()
    together(4, write)
    reader.join(30)
    reader_is_done.set()
    with database.reading(SCOPE) as stores:
        assert [e.id for e in stores.trail.events("", 100)] == seen
    assert len(seen) == 40


def test_the_guard_holds_here_too(database: Database) -> None:
    with database.writing(WORKLOAD) as work:
        version = registering.register(work, candidate("p"))
    with pytest.raises(Untold), database.writing(WORKLOAD) as work:
        work.versions.add(version.model_copy(update={"version": "9.9.9", "package_digest": "q"}))
    with database.reading(SCOPE) as stores:
        assert len(stores.versions.of_model("ames")) == 1


def test_the_outbox_is_claimed_once(database: Database) -> None:
    for number in range(6):
        with database.writing(WORKLOAD) as work:
            registering.register(work, candidate(f"p{number}"))
    claimed: list[str] = []

    def claim(_worker: int) -> None:
        with database.writing(WORKLOAD) as work:
            claimed.extend(letter.id for letter in work.outbox.claim(NOW, 3))

    together(4, claim)
    assert len(claimed) == len(set(claimed)) == 6
