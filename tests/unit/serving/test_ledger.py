"""Counts: what counts for whom, over phases, restarts and foreign writes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evidence.tally import WARM_UP, Evidence, Tally, latency_bin, output_bin
from include.serving.faults import AnswerLost
from include.serving.ledger import REVISIONS, Ledger, Origin
from include.serving.losses import Loss
from tests.support.predicted import asked, body, numbers, predicted

LOST = AnswerLost("gone")


class Watch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ledger(watch: Watch) -> Ledger:
    return Ledger(watch)


def tally(ledger: Ledger, version: str = "1.0.0", revision: int = 1) -> Tally:
    found = ledger.evidence("loans", revision).tally(version)
    assert found is not None
    return found


def test_answers_errors_and_the_callers_faults(ledger: Ledger) -> None:
    for status in (200, 200, 500, 503, 404, 422):
        ledger.answered(predicted(status=status))
    ledger.failed(asked(), "stable", "1.0.0", LOST)
    seen = tally(ledger)
    assert (seen.requests, seen.errors, seen.refused) == (5, 3, 2)
    assert dict(seen.outputs) == {output_bin(0.25): 2}


@pytest.mark.parametrize("garbage", [b"", b"{}", b'{"outputs": []}', b"\x00", b"[1]"])
def test_a_success_that_says_nothing_is_an_error(ledger: Ledger, garbage: bytes) -> None:
    ledger.answered(predicted(said=garbage))
    seen = tally(ledger)
    assert (seen.requests, seen.errors, seen.outputs) == (1, 1, ())
    assert sum(seen.latency) == 0


def test_the_warm_up_is_neither_slow_nor_quick(ledger: Ledger) -> None:
    for nth in range(1, WARM_UP + 3):
        ledger.answered(predicted(nth=nth, seconds=0.1))
    seen = tally(ledger)
    assert seen.requests == WARM_UP + 2
    assert seen.latency[latency_bin(100)] == sum(seen.latency) == 2


def test_each_row_is_a_prediction(ledger: Ledger) -> None:
    ledger.answered(predicted(said=body(0.25, 0.25, 0.75)))
    ledger.answered(predicted(said=numbers(-40.0)))
    counts = dict(tally(ledger).outputs)
    assert counts == {output_bin(0.25): 2, output_bin(0.75): 1, output_bin(-40.0): 1}


def test_what_is_asked_past_the_router_or_out_of_turn_is_nobodys(ledger: Ledger) -> None:
    for request in (asked(variant="candidate"), asked(retried=True)):
        ledger.answered(predicted(request))
        ledger.failed(request, "stable", "1.0.0", LOST)
    ledger.failed(asked(), "", "", LOST)
    assert ledger.evidence("loans", 1).tallies == ()


def test_a_named_unit_is_remembered(ledger: Ledger) -> None:
    ledger.answered(predicted())
    assert not tally(ledger).units
    ledger.failed(asked(unit="u"), "stable", "1.0.0", LOST)
    assert tally(ledger).units


def test_a_swap_is_told_by_version(ledger: Ledger) -> None:
    ledger.answered(predicted())
    ledger.answered(predicted(version="2.0.0"))
    assert [tally(ledger, version).requests for version in ("1.0.0", "2.0.0")] == [1, 1]


def test_revisions_are_never_pooled_and_late_answers_go_where_they_began(
    ledger: Ledger, watch: Watch
) -> None:
    ledger.begin("loans", 1, 1)
    watch.now += 5
    ledger.begin("loans", 2, 1)
    watch.now += 7
    ledger.answered(predicted(asked(revision=1)))
    ledger.answered(predicted(asked(revision=2)))
    first, second = (ledger.evidence("loans", revision) for revision in (1, 2))
    assert (first.seconds, second.seconds) == (5, 7)
    assert [one.tallies[0].requests for one in (first, second)] == [1, 1]


def test_an_unknown_revision_has_zero_counts(ledger: Ledger) -> None:
    assert ledger.evidence("nobody", 3) == Evidence("nobody", 3, 0.0)


def test_a_revision_of_a_newer_owner_begins_anew(ledger: Ledger) -> None:
    ledger.answered(predicted(asked(revision=5, token=1)))
    ledger.begin("loans", 5, 2)
    assert ledger.evidence("loans", 5).tallies == ()
    ledger.answered(predicted(asked(revision=5, token=1)))  # in flight when the owner changed
    assert ledger.evidence("loans", 5).tallies == ()
    ledger.labelled(Origin("loans", 5, 1, "stable", "1.0.0"), Loss(1.0))
    assert ledger.evidence("loans", 5).tallies == ()


def test_a_foreign_write_with_a_lower_revision_is_the_current_phase(
    ledger: Ledger, watch: Watch
) -> None:
    ledger.begin("loans", 9, 1)
    ledger.begin("loans", 2, 2)
    watch.now += 3
    assert [ledger.evidence("loans", one).seconds for one in (9, 2)] == [0, 3]


def test_pairs(ledger: Ledger) -> None:
    request = asked()

    def mirror(visible: object, shadow: object) -> None:
        ledger.mirrored(request, visible, shadow, "candidate", "2.0.0")

    mirror(predicted(said=body(0.4)), predicted(said=body(0.6), nth=50))
    mirror(predicted(said=body(0.4, 0.8)), predicted(said=body(0.4, 0.8), nth=1))
    mirror(predicted(), predicted(status=500))
    mirror(predicted(), predicted(status=400))  # refuses what the visible variant accepted
    mirror(predicted(), predicted(said=b"{}"))
    mirror(predicted(), predicted(said=body(0.1, 0.2)))  # another number of rows
    mirror(predicted(), None)
    mirror(None, predicted())
    mirror(predicted(status=502), predicted())
    mirror(predicted(status=400), predicted())
    ledger.dropped(request, "candidate", "2.0.0")
    (pair,) = ledger.evidence("loans", 1).pairings
    assert (pair.pairs, pair.errors, pair.visible_errors, pair.dropped) == (7, 5, 2, 1)
    assert pair.classes_differ == 1
    assert pair.gaps[6] == 1  # 0.2 / 0.6
    assert pair.gaps[0] == 1
    assert sum(pair.gaps) == pair.pairs - pair.errors
    assert sum(pair.latency) == 1
    assert sum(count for _, count in pair.outputs) == 3


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_two_predictions_have_a_gap(one: float, other: float) -> None:
    ledger = Ledger()
    pair = predicted(said=numbers(one)), predicted(said=numbers(other))
    ledger.mirrored(asked(), *pair, "candidate", "2.0.0")
    (seen,) = ledger.evidence("loans", 1).pairings
    assert (seen.pairs, seen.errors, sum(seen.gaps)) == (1, 0, 1)


def test_losses_and_differences(ledger: Ledger) -> None:
    ledger.answered(predicted())
    origin = Origin("loans", 1, 1, "stable", "1.0.0")
    ledger.labelled(origin, Loss(1.0, 0.25, 0.5))
    ledger.labelled(origin, Loss(None, 0.25, 0.5))
    losses = tally(ledger).losses
    assert (losses.error.count, losses.squared.count, losses.squared.squares) == (1, 2, 0.125)
    ledger.compared(replace(origin, variant="candidate"), Loss(-1.0, None, None))
    (pair,) = ledger.evidence("loans", 1).pairings
    assert (pair.differences.error.total, pair.differences.squared.count) == (-1.0, 0)


def test_labels_of_forgotten_revisions_bring_nothing_back(ledger: Ledger) -> None:
    for revision in range(1, REVISIONS + 4):
        ledger.answered(predicted(asked(revision=revision)))
    assert ledger.prune() == (("loans", 1), ("loans", 2), ("loans", 3))
    ledger.labelled(Origin("loans", 2, 1, "stable", "1.0.0"), Loss(1.0))
    assert ledger.evidence("loans", 2).tallies == ()
    assert tally(ledger, revision=4).requests == 1
    assert ledger.prune() == ()
