"""Labels: which prediction they find, what they count for, and what a restart knows again."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.clock import ManualClock
from include.serving.joining import Joiner, Result
from include.serving.journal import Journal, JournalLimits
from include.serving.journal_reader import JournalReader
from include.serving.ledger import Ledger
from include.serving.outcomes import OutcomeRecord, encode
from include.serving.predictions import Entry, Kind, PredictionRecord, Recorder
from include.serving.recent import Recent
from include.serving.remembering import remembered
from tests.support.predicted import asked, body, numbers, predicted

if TYPE_CHECKING:
    from pathlib import Path

    from include.evidence.tally import Losses, Pairing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class World:
    """A router's witnesses, without a router."""

    def __init__(self, capacity: int = 1000) -> None:
        self.ledger, self.recent = Ledger(), Recent(capacity)
        self.joiner = Joiner(self.recent, self.ledger)

    def ask(self, request_id: str, said: bytes | None = None, **what: object) -> None:
        one = predicted(asked(request_id, **what), said)
        self.ledger.answered(one)
        self.joiner.answered(one)

    def mirror(self, request_id: str, said: bytes, shadow: bytes) -> None:
        request = asked(request_id)
        pair = predicted(request, said), predicted(request, shadow, variant="candidate")
        for witness in (self.ledger, self.joiner):
            witness.mirrored(request, *pair, "candidate", "2.0.0")

    def label(self, request_id: str, label: object, row: int = 0, endpoint: str = "") -> Result:
        return self.joiner.label(request_id, endpoint, row, label).result

    def losses(self, revision: int = 1, endpoint: str = "loans") -> Losses:
        return self.ledger.evidence(endpoint, revision).tallies[0].losses

    @property
    def pairing(self) -> Pairing:
        return self.ledger.evidence("loans", 1).pairings[0]


@pytest.fixture
def world() -> World:
    return World()


def test_a_label_counts_for_the_revision_of_its_prediction(world: World) -> None:
    world.ask("a", body(0.25, 0.75))
    world.ask("b", body(0.75), revision=2)
    assert world.label("a", 1, row=1) is Result.ACCEPTED
    assert world.label("a", 1) is Result.ACCEPTED
    assert (world.losses().error.count, world.losses().error.total) == (2, 1)
    assert world.losses(2).error.count == 0


def test_the_first_label_stands(world: World) -> None:
    world.ask("a")
    told = [world.label("a", label) for label in (0, 0.0, False, 1, 0)]
    assert told == [
        Result.ACCEPTED,
        Result.DUPLICATE,
        Result.DUPLICATE,
        Result.CONTRADICTION,
        Result.DUPLICATE,
    ]
    assert (world.losses().error.count, world.losses().error.total) == (1, 0)


def test_an_unfit_label_leaves_the_place_for_a_fit_one(world: World) -> None:
    world.ask("a")
    assert world.label("a", "perhaps") is Result.UNFIT
    assert world.label("a", 1) is Result.ACCEPTED


def test_what_nobody_predicted_is_unknown(world: World) -> None:
    world.ask("a", body(0.1, 0.2))
    world.ask("smoke", variant="candidate")
    world.ask("garbage", b"{}")
    for wrong in ("b", "smoke", "garbage"):
        assert world.label(wrong, 1) is Result.UNKNOWN
    assert world.label("a", 1, row=2) is Result.UNKNOWN
    assert world.label("a", 1, endpoint="other") is Result.UNKNOWN


def test_endpoints_that_share_a_request_id_have_to_be_named(world: World) -> None:
    world.ask("a")
    world.ask("a", numbers(3.0), endpoint="bikes")
    assert world.label("a", 1) is Result.UNKNOWN
    assert world.label("a", 1, endpoint="loans") is Result.ACCEPTED
    assert world.label("a", 5, endpoint="bikes") is Result.ACCEPTED
    assert world.losses(endpoint="bikes").absolute.total == 2
    assert world.losses(endpoint="bikes").error.count == 0


def test_an_id_that_comes_again_stands_for_its_first_request(world: World) -> None:
    world.ask("a", body(0.9))
    world.ask("a", body(0.1))
    assert world.label("a", 1) is Result.ACCEPTED
    assert world.losses().error.total == 0


def test_labels_of_a_retry_are_nobodys(world: World) -> None:
    world.ask("first")
    world.ask("a", retried=True)
    assert world.label("a", 1) is Result.ACCEPTED
    assert world.losses().error.count == 0


def test_a_shadow_is_compared_whichever_comes_first(world: World) -> None:
    world.ask("a", body(0.25))
    world.mirror("a", body(0.25), body(0.75))
    assert world.label("a", 1) is Result.ACCEPTED
    world.ask("b", body(0.25))
    assert world.label("b", 0) is Result.ACCEPTED
    world.mirror("b", body(0.25), body(0.75))
    assert (world.pairing.differences.error.count, world.pairing.differences.error.total) == (2, 0)
    assert world.pairing.differences.error.squares == 2


def test_a_shadow_of_another_request_of_the_same_id_is_not_compared(world: World) -> None:
    world.ask("a", body(0.9))
    world.ask("a", body(0.1))
    world.mirror("a", body(0.1), body(0.1))
    world.label("a", 1)
    assert world.pairing.differences.error.count == 0


def test_the_oldest_are_forgotten_by_rows() -> None:
    world = World(capacity=3)
    world.ask("a")
    world.ask("b", body(0.1, 0.2))
    world.ask("c")
    assert [world.label(one, 1) for one in "abc"] == [
        Result.UNKNOWN,
        Result.ACCEPTED,
        Result.ACCEPTED,
    ]
    assert len(world.recent) == 2


def write(folder: Path, encoder: object, *entries: object) -> None:
    log = Journal(folder, encoder, ManualClock(NOON), JournalLimits())
    for entry in entries:
        log.offer(entry)
    log.start()
    log.stop()


def test_a_restart_knows_predictions_shadows_and_labels_again(tmp_path: Path) -> None:
    def entry(request_id: str, said: bytes, kind: Kind = Kind.LIVE, status: int = 200) -> Entry:
        request = asked(request_id, revision=3, token=2)
        variant = "candidate" if kind is Kind.SHADOW else "stable"
        answer = predicted(request, said, status=status)
        return Entry(request, answer, variant, "1.0.0", kind, status, NOON)

    write(
        tmp_path / "predictions",
        Recorder(0.0).encode,
        entry("a", body(0.25)),
        entry("a", body(0.75), Kind.SHADOW),
        entry("b", body(0.25)),
        entry("broken", b"{}", status=500),
        entry("twice", body(0.9)),
        entry("twice", body(0.1)),
        entry("twice", body(0.1), Kind.SHADOW),
        entry("lonely", body(0.1), Kind.SHADOW),
        entry("again", body(0.1), Kind.RETRY),
    )

    def outcome(request_id: str, label: object, result: Result) -> OutcomeRecord:
        return OutcomeRecord(
            request_id=request_id,
            time=NOON,
            endpoint="loans",
            row=0,
            label=label,
            result=result,
            revision=3,
            variant="stable",
            version="1.0.0",
        )

    write(
        tmp_path / "outcomes",
        encode,
        outcome("b", 1, Result.ACCEPTED),
        outcome("b", 0, Result.CONTRADICTION),
        outcome("a", "x", Result.UNFIT),
        outcome("gone", 1, Result.ACCEPTED),
    )
    world = World()
    world.ledger.begin("loans", 3, 2)
    world.recent.restore(
        remembered(
            JournalReader(tmp_path / "predictions", PredictionRecord).newest(100),
            JournalReader(tmp_path / "outcomes", OutcomeRecord).newest(100),
        )
    )
    told = {one: world.label(one, 1) for one in ("a", "b", "broken", "twice", "lonely", "again")}
    assert told == {
        "a": Result.ACCEPTED,
        "b": Result.DUPLICATE,
        "broken": Result.UNKNOWN,
        "twice": Result.ACCEPTED,
        "lonely": Result.UNKNOWN,
        "again": Result.ACCEPTED,
    }
    evidence = world.ledger.evidence("loans", 3)
    assert evidence.tallies[0].losses.error.count == 2
    assert evidence.tallies[0].losses.error.total == 1
    assert evidence.pairings[0].differences.error.count == 1
    assert evidence.pairings[0].differences.error.total == -1


def test_what_is_remembered_costs_the_garbage_collector_nothing(world: World) -> None:
    for number in range(2000):
        world.ask(str(number))
        world.label(str(number), 1)
    gc.collect()
    found = world.recent.find("1999")
    assert found is not None
    assert not any(map(gc.is_tracked, (found, found.visible, found.labels, found.shadows)))


def test_what_came_meanwhile_stands_above_what_was_read_back() -> None:
    old, new = World(), World()
    for name in ("a", "b"):
        old.ask(name, body(0.9))
    new.ask("b", body(0.9))
    assert new.label("b", 1) is Result.ACCEPTED
    new.recent.restore(
        (name, found) for name in ("a", "b") if (found := old.recent.find(name)) is not None
    )
    assert len(new.recent) == 2
    assert new.label("b", 1) is Result.DUPLICATE
    assert new.label("a", 1) is Result.ACCEPTED


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from([0, 1]), st.booleans()), max_size=60
    )
)
def test_each_label_is_told_once_and_counted_as_told(steps: list[tuple[str, int, bool]]) -> None:
    world = World()
    known: set[str] = set()
    labels: dict[str, int] = {}
    for name, label, asks in steps:
        if asks:
            world.ask(name)
            known.add(name)
            continue
        told = world.label(name, label)
        if name not in known:
            assert told is Result.UNKNOWN
        elif name not in labels:
            assert told is Result.ACCEPTED
            labels[name] = label
        else:
            same = labels[name] == label
            assert told is (Result.DUPLICATE if same else Result.CONTRADICTION)
    if known:
        assert world.losses().error.count == len(labels)
        assert world.losses().error.total == sum(labels.values())  # predicted: 0.25
