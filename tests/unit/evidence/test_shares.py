"""Shares of slow answers, and the test of an excess."""

from __future__ import annotations

import random
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evidence.shares import Share, likeliest_at_margin, log_excess_evidence, slow
from include.evidence.tally import LATENCY_BOUNDS, latency_bin


def latency(*milliseconds: float) -> tuple[int, ...]:
    bins = [0] * (len(LATENCY_BOUNDS) + 1)
    for one in milliseconds:
        bins[latency_bin(one)] += 1
    return tuple(bins)


@st.composite
def share(draw: st.DrawFn) -> Share:
    total = draw(st.integers(1, 3000))
    return Share(draw(st.integers(0, total)), total)


def test_slow_is_above_the_limit_rounded_up_to_a_bound() -> None:
    assert slow(latency(10, 249, 250, 300, 20_000), 250) == Share(2, 5)
    assert slow(latency(10, 20_000), 50_000) == Share(0, 2)
    assert slow((), 250) == Share(0, 0)


def test_nothing_has_no_share() -> None:
    assert Share(0, 0).value == 0


def grid(candidate: Share, stable: Share, margin: float) -> float:
    """Search the whole null hypothesis for its best likelihood, on a grid."""
    steps = [step / 1000 for step in range(1, 1000)]
    best = max(
        likelihood(stable, p) + likelihood(candidate, q)
        for p in steps
        for q in steps
        if q - p <= margin + 1e-12
    )
    return mixed(candidate) + mixed(stable) - best


def likelihood(one: Share, at: float) -> float:
    return one.hits * log(at) + one.others * log(1 - at)


def mixed(one: Share, steps: int = 20_000) -> float:
    """Integrate over Jeffreys' prior, with p = sin^2, which makes it flat."""
    from math import pi, sin

    angles = ((step + 0.5) / steps * pi / 2 for step in range(steps))
    return log(sum(exp(likelihood(one, sin(angle) ** 2)) for angle in angles) / steps)


@pytest.mark.parametrize(
    ("candidate", "stable"), [(Share(30, 100), Share(20, 500)), (Share(9, 20), Share(1, 40))]
)
def test_excess_is_the_mixture_over_the_best_within_the_margin(
    candidate: Share, stable: Share
) -> None:
    found = log_excess_evidence(candidate, stable, 0.05)
    assert found == pytest.approx(max(0.0, grid(candidate, stable, 0.05)), abs=0.01)


@given(candidate=share(), stable=share(), margin=st.floats(0.01, 0.5))
def test_excess_is_one_sided_and_grows_with_harm(
    candidate: Share, stable: Share, margin: float
) -> None:
    now = log_excess_evidence(candidate, stable, margin)
    assert now >= 0
    if candidate.value <= stable.value + margin:
        assert now == 0
    if candidate.others:
        more = Share(candidate.hits + 1, candidate.total)
        assert log_excess_evidence(more, stable, margin) >= now - 1e-6
    assert log_excess_evidence(candidate, stable, margin + 0.1) <= now + 1e-6


@given(candidate=share(), stable=share(), margin=st.floats(0.0, 0.9))
def test_no_share_at_the_margin_is_likelier_than_the_likeliest(
    candidate: Share, stable: Share, margin: float
) -> None:
    found = likeliest_at_margin(candidate, stable, margin)
    assert 0 <= found <= 1 - margin
    steps = ((1 - margin) * step / 40 for step in range(1, 40))
    best = max(likelihood(stable, at) + likelihood(candidate, at + margin) for at in steps)
    inside = min(max(found, 1e-12), 1 - margin - 1e-12)
    assert likelihood(stable, inside) + likelihood(candidate, inside + margin) >= best - 1e-6


@pytest.mark.parametrize("nothing", [(Share(0, 0), Share(5, 10)), (Share(5, 10), Share(0, 0))])
def test_nothing_is_no_evidence(nothing: tuple[Share, Share]) -> None:
    assert log_excess_evidence(*nothing, 0.05) == 0


def test_looking_at_each_answer_keeps_the_level_on_the_border_of_the_margin() -> None:
    rng, alpha, alarms, rounds = random.Random(6), 0.05, 0, 300
    for _ in range(rounds):
        ours = theirs = 0
        for n in range(1, 150):
            ours, theirs = ours + (rng.random() < 0.15), theirs + (rng.random() < 0.1)
            if log_excess_evidence(Share(ours, n), Share(theirs, n), 0.05) >= -log(alpha):
                alarms += 1
                break
    assert alarms <= rounds * alpha
