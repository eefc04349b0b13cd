"""The one-sided count test: its integral, its level at every look, its direction."""

from __future__ import annotations

import random
from math import exp, lgamma, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evidence.beta import log_beta, log_mass_above
from include.evidence.counts import PRIOR_WEIGHT, log_evidence, turn_share

counts = st.integers(0, 400)
shares = st.floats(0.01, 0.99)


def integral(density, low: float, high: float, steps: int = 20_000) -> float:
    """Midpoint rule, finer towards the ends, where a Beta density may grow without bound."""
    width, total = 1 / steps, 0.0
    for step in range(steps):
        u = (step + 0.5) * width
        smooth, slope = u * u * (3 - 2 * u), 6 * u * (1 - u)
        total += density(low + (high - low) * smooth) * slope * width
    return total * (high - low)


@pytest.mark.parametrize(
    ("a", "b", "share"), [(0.5, 9.5, 0.05), (5, 5, 0.5), (12.2, 57.8, 0.02), (3, 40, 0.4)]
)
def test_the_tail_is_the_integral(a: float, b: float, share: float) -> None:
    def density(p: float) -> float:
        return exp((a - 1) * log(p) + (b - 1) * log(1 - p) - log_beta(a, b))

    assert exp(log_mass_above(a, b, share)) == pytest.approx(integral(density, share, 1), rel=1e-5)


@pytest.mark.parametrize(("a", "b"), [(0.5, 9.5), (40, 900), (3000, 20_000)])
def test_the_tail_joins_its_two_fractions(a: float, b: float) -> None:
    border = 1 - (b + 1) / (a + b + 2)
    below, above = (log_mass_above(a, b, border + step) for step in (-1e-9, 1e-9))
    assert below == pytest.approx(above, abs=1e-4)


def test_the_tail_has_ends() -> None:
    assert log_mass_above(2, 3, 0) == 0
    assert exp(log_mass_above(2, 3, 1)) == 0
    assert log_mass_above(2, 50_000, 0.5) < -10_000


@pytest.mark.parametrize(
    ("hits", "others", "share"),
    [(4, 0, 0.05), (12, 1, 0.05), (20, 3, 0.5), (12, 48, 0.02), (15, 30, 0.25)],
)
def test_evidence_is_the_mixture_over_harmful_shares(hits: int, others: int, share: float) -> None:
    a, b = PRIOR_WEIGHT * share, PRIOR_WEIGHT * (1 - share)

    def weight(p: float) -> float:
        return p ** (a - 1) * (1 - p) ** (b - 1)

    def ratio(p: float) -> float:
        return (p / share) ** hits * ((1 - p) / (1 - share)) ** others

    mixed = integral(lambda p: weight(p) * ratio(p), share, 1)
    expected = log(mixed / integral(weight, share, 1))
    assert log_evidence(hits, others, share) == pytest.approx(expected, rel=1e-4)


@given(hits=counts, others=counts, share=shares)
def test_more_hits_are_more_evidence_and_more_others_less(
    hits: int, others: int, share: float
) -> None:
    now = log_evidence(hits, others, share)
    assert log_evidence(hits + 1, others, share) >= now - 1e-9
    assert log_evidence(hits, others + 1, share) <= now + 1e-9
    assert log_evidence(hits + 1, max(0, others - 1), share) >= now - 1e-9


@given(others=counts, share=shares)
def test_fewer_hits_than_the_share_are_no_evidence(others: int, share: float) -> None:
    assert log_evidence(int(share * others), others, share) == 0
    assert log_evidence(0, others, share) == 0


def test_no_share_is_no_evidence() -> None:
    assert log_evidence(10, 0, 1.0) == log_evidence(10, 0, 0.0) == 0


def mean_of_evidence(turns: list[bool], error: float, share: float) -> float:
    """Return the expected mixed likelihood ratio after these turns, summed over all outcomes."""
    ours, theirs = turns.count(True), turns.count(False)

    def chance(k: int, n: int) -> float:
        ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        return exp(ways) * error**k * (1 - error) ** (n - k)

    return sum(
        chance(k, ours) * chance(m, theirs) * mixed(k, m, share)
        for k in range(ours + 1)
        for m in range(theirs + 1)
    )


def mixed(hits: int, others: int, share: float) -> float:
    """Return the mixed ratio itself, also where the product says that it is no evidence."""
    a, b = PRIOR_WEIGHT * share, PRIOR_WEIGHT * (1 - share)
    after = log_beta(a + hits, b + others) + log_mass_above(a + hits, b + others, share)
    before = log_beta(a, b) + log_mass_above(a, b, share)
    return exp(after - before - hits * log(share) - others * log(1 - share))


@pytest.mark.parametrize("error", [0.01, 0.2, 0.9])
@pytest.mark.parametrize("rounds", [1, 3])
def test_after_whole_rounds_of_exact_turns_the_mean_is_at_most_one(
    error: float, rounds: int
) -> None:
    turns = ([True] + [False] * 9) * rounds
    assert mean_of_evidence(turns, error, 0.1) <= 1 + 1e-9


def test_looking_at_each_error_keeps_the_level() -> None:
    rng, alpha, share, rounds = random.Random(5), 0.05, 0.05, 600
    alarms = 0
    for _ in range(rounds):
        hits = others = 0
        for _ in range(150):
            is_hit = rng.random() < share
            hits, others = hits + is_hit, others + (not is_hit)
            if log_evidence(hits, others, share) >= -log(alpha):
                alarms += 1
                break
    assert alarms <= rounds * alpha


def test_six_errors_at_five_percent_are_enough_and_two_are_not() -> None:
    assert log_evidence(6, 0, 0.05) > -log(0.0002)
    assert log_evidence(2, 0, 0.05) < -log(0.01)


def test_the_turn_under_way_is_the_candidates() -> None:
    assert turn_share(0, 0) == 1
    assert turn_share(1, 38) >= 0.05
    assert turn_share(50, 950) == pytest.approx(0.05, abs=0.001)
