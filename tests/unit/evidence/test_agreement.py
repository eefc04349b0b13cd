"""Disagreement of pairs."""

from __future__ import annotations

import pytest

from include.evidence.agreement import disagreeing
from include.evidence.shares import Share
from include.evidence.tally import Pairing

GAPS = (90, *[0] * 9, 4, 3, *[0] * 7, 2)


def test_classes_disagree_among_answered_pairs() -> None:
    pairing = Pairing("shadow", "2", pairs=100, errors=10, classes_differ=9)
    assert disagreeing(pairing, "classification", 0.5) == Share(9, 90)


@pytest.mark.parametrize(
    ("tolerance", "hits"), [(0.5, 9), (0.51, 5), (0.55, 5), (0.6, 2), (3.0, 2)]
)
def test_numbers_disagree_from_the_tolerance_on(tolerance: float, hits: int) -> None:
    pairing = Pairing("shadow", "2", pairs=99, gaps=GAPS)
    assert disagreeing(pairing, "regression", tolerance) == Share(hits, 99)


def test_nothing_compared_is_an_empty_share() -> None:
    assert disagreeing(Pairing("shadow", "2"), "regression", 0.5) == Share(0, 0)
