"""Counts that cannot be true."""

from __future__ import annotations

from math import inf, nan

import pytest

from include.evidence.soundness import fault
from include.evidence.tally import LATENCY_BOUNDS, Evidence, Losses, Moments, Pairing, Tally

BINS = len(LATENCY_BOUNDS) + 1


def histogram(count: int) -> tuple[int, ...]:
    return (count, *[0] * (BINS - 1))


def evidence(*tallies: Tally, pairings: tuple[Pairing, ...] = (), seconds: float = 9) -> Evidence:
    return Evidence("toy", 3, seconds, tallies, pairings)


def test_what_can_be_true_is_no_fault() -> None:
    losses = Losses(Moments(8, 3, 3), Moments(8, 2.5, 1.2), Moments(8, 4, 2.4))
    tally = Tally("a", "1", 10, 1, 2, histogram(9), ((5, 9),), losses)
    differences = Losses(absolute=Moments(5, -2, 1.5))
    pairing = Pairing("s", "2", 10, 1, 2, 3, (9,), histogram(8), ((5, 9),), differences, 4)
    assert fault(evidence(tally, pairings=(pairing,))) == ""
    assert fault(evidence()) == ""


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally("a", "1", 10, 11), "11 errors of 10"),
        (Tally("a", "1", -1), "below zero"),
        (Tally("a", "1", nan), "no number"),
        (Tally("a", "1", 10, 0, -3), "below zero"),
        (Tally("a", "1", 10, latency=(1, 2)), "2 bins"),
        (Tally("a", "1", 10, 2, latency=histogram(9)), "9 timed answers of 8"),
        (Tally("a", "1", 10, latency=(-1, *histogram(9)[1:])), "below zero"),
        (Tally("a", "1", 10, outputs=((3, -2),)), "below zero"),
        (Tally("a", "1", 10, losses=Losses(error=Moments(5, nan, 2))), "error losses"),
        (Tally("a", "1", 10, losses=Losses(squared=Moments(5, inf, inf))), "squared losses"),
        (Tally("a", "1", 10, losses=Losses(absolute=Moments(5, -1, 2))), "absolute losses"),
        (Tally("a", "1", 10, losses=Losses(absolute=Moments(5, 10, 2))), "absolute losses"),
        (Tally("a", "1", 10, losses=Losses(absolute=Moments(0, 10, 2))), "absolute losses"),
    ],
)
def test_faults_of_tallies_are_named(tally: Tally, words: str) -> None:
    assert words in fault(evidence(tally))
    assert fault(evidence(tally)).startswith("1: ")


@pytest.mark.parametrize(
    ("pairing", "words"),
    [
        (Pairing("s", "2", 5, 6), "6 errors of 5 pairs"),
        (Pairing("s", "2", 5, 1, 0, 5), "more pairs were compared"),
        (Pairing("s", "2", 5, gaps=(3, 3)), "more pairs were compared"),
        (Pairing("s", "2", 5, dropped=-1), "below zero"),
    ],
)
def test_faults_of_pairings_are_named(pairing: Pairing, words: str) -> None:
    assert words in fault(evidence(pairings=(pairing,)))


@pytest.mark.parametrize("seconds", [nan, inf, -1.0])
def test_a_watch_has_a_length(seconds: float) -> None:
    assert "watched" in fault(evidence(seconds=seconds))
