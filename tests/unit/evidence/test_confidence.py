"""Confidence sequences, against published numbers and by simulation."""

from __future__ import annotations

import random
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evidence.confidence import (
    Estimate,
    Level,
    difference,
    difference_of_shares,
    half_width,
    paired,
)
from include.evidence.tally import Moments


def moments(values: list[float]) -> Moments:
    return Moments(len(values), sum(values), sum(value * value for value in values))


def test_two_sides_are_those_of_gbstats() -> None:
    # Relative lift by the delta method, packages/stats/tests/frequentist/test_tests.py (V13).
    a, b = (1396.87, 52377.9767, 3000), (2422.7, 134698.29, 3461)
    mean_a, mean_b = a[0] / a[2], b[0] / b[2]
    var_a, var_b = ((q - t * t / n) / (n - 1) for t, q, n in (a, b))
    lift = (mean_b - mean_a) / mean_a
    error = sqrt(var_b / (b[2] * mean_a**2) + var_a * mean_b**2 / (a[2] * mean_a**4))
    width = half_width(Estimate(lift, error, a[2] + b[2]), Level(0.05, 1000, sides=2))
    assert lift - width == pytest.approx(-0.55844, abs=2e-5)
    assert lift + width == pytest.approx(1.56516, abs=2e-5)


def test_the_bound_is_where_the_normal_mixture_reaches_its_level() -> None:
    # V22: mean 0.1, n 1000, V 2, tau^2 0.01 gives 3.2787216, with r^2 = tau^2 / V.
    def e_value(distance: float, error: float, n: int, r2: float) -> float:
        spread = n * r2 + 1
        return exp(r2 * n * (distance / error) ** 2 / (2 * spread)) / sqrt(spread)

    assert e_value(0.1, sqrt(2 / 1000), 1000, 0.005) == pytest.approx(3.2787216, abs=1e-6)
    level, n = Level(0.05, 2000, sides=2), 1000
    r2 = (-2 * log(level.alpha) + log(-2 * log(level.alpha) + 1)) / level.planned
    width = half_width(Estimate(0, 0.02, n), level)
    assert e_value(width, 0.02, n, r2) == pytest.approx(1 / level.alpha, rel=1e-9)


def test_it_is_the_exact_normal_mixture_at_its_tuned_number() -> None:
    # V20: v_opt 100, alpha 0.05: rho 12.60056 is of the exact tuning; two-sided bound 30.35209.
    rho = 100 / (2 * log(1 / 0.05) + log(1 + 2 * log(1 / 0.05)))
    assert rho == pytest.approx(12.60056, abs=1e-5)
    exact = sqrt((100 + rho) * log((100 + rho) / (0.05**2 * rho)))
    assert exact == pytest.approx(30.35209, abs=1e-4)
    width = half_width(Estimate(0, 1 / sqrt(100), 100), Level(0.05, 100, sides=2))
    assert 100 * width == pytest.approx(exact, rel=1e-9)


@given(n=st.integers(100, 100_000), alpha=st.floats(1e-6, 0.05))
def test_one_side_is_closer_than_two(n: int, alpha: float) -> None:
    estimate = Estimate(0, 0.1, n)
    one, two = (half_width(estimate, Level(alpha, 1000, sides=sides)) for sides in (1, 2))
    assert 0 < one < two


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=50))
def test_paired_is_the_mean_and_its_standard_error(values: list[float]) -> None:
    from statistics import fmean, pvariance

    estimate = paired(moments(values), binary=False)
    assert estimate.value == pytest.approx(fmean(values), abs=1e-9)
    assert estimate.error**2 == pytest.approx(pvariance(values) / len(values), abs=1e-6)


def test_no_wrong_class_at_all_is_not_certainty() -> None:
    none = Moments(100, 0, 0)
    assert difference_of_shares(none, none, 0.05).error > 0.01
    assert paired(none, binary=True).error > 0.01
    assert difference(none, none).error == 0


@given(wrong=st.tuples(st.integers(0, 200), st.integers(0, 900)), margin=st.floats(0.01, 0.3))
def test_shares_have_the_error_at_the_margin(wrong: tuple[int, int], margin: float) -> None:
    ours, theirs = Moments(200, wrong[0], wrong[0]), Moments(900, wrong[1], wrong[1])
    estimate = difference_of_shares(ours, theirs, margin)
    assert estimate.value == pytest.approx(wrong[0] / 200 - wrong[1] / 900)
    steps = [step / 2000 * (1 - margin) for step in range(1, 2000)]

    def likelihood(p: float) -> float:
        q = p + margin
        stable = wrong[1] * log(p) + (900 - wrong[1]) * log(1 - p)
        return stable + wrong[0] * log(q) + (200 - wrong[0]) * log(1 - q)

    p = max(steps, key=likelihood)
    q = p + margin
    expected = sqrt(q * (1 - q) / 200 + p * (1 - p) / 900)
    assert estimate.error == pytest.approx(expected, rel=0.05, abs=1e-3)


def test_a_lucky_candidate_is_no_surer_than_stable() -> None:
    stable = moments([0.0, 1.0] * 500)
    lucky, wild = moments([0.1, 0.1, 0.2, 0.2] * 25), moments([-5.0, 5.0] * 50)
    assert difference(lucky, stable).error == pytest.approx(sqrt(0.25 / 100 + 0.25 / 1000))
    assert difference(wild, stable).error == pytest.approx(sqrt(25 / 100 + 0.25 / 1000))
    assert difference(lucky, stable).value == pytest.approx(-0.35)
    assert difference(lucky, stable).samples == 1100


def test_looking_at_each_label_keeps_the_level() -> None:
    rng, alpha, alarms, rounds = random.Random(7), 0.05, 0, 200
    for _ in range(rounds):
        total = squares = 0.0
        for n in range(1, 501):
            value = rng.expovariate(1) - 1
            total, squares = total + value, squares + value * value
            if n >= 100 and n % 5 == 0:
                seen = paired(Moments(n, total, squares), binary=False)
                if seen.value > half_width(seen, Level(alpha, 200)):
                    alarms += 1
                    break
    assert alarms <= rounds * alpha
