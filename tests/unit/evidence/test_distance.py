"""Distance of histograms, and its band."""

from __future__ import annotations

import random
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evidence.distance import band, kolmogorov_smirnov, total

histograms = st.dictionaries(st.integers(-20, 20), st.integers(0, 50), min_size=1).map(
    lambda bins: (*sorted(bins.items()), (99, 1))
)


def brute(one, other) -> float:
    def below(histogram, place: int) -> float:
        return sum(count for at, count in histogram if at <= place) / total(histogram)

    return max(abs(below(one, place) - below(other, place)) for place in range(-21, 100))


@given(one=histograms, other=histograms)
def test_the_distance_is_the_largest_of_the_distribution_functions(one, other) -> None:
    distance = kolmogorov_smirnov(one, other)
    assert distance == pytest.approx(brute(one, other), abs=1e-9)
    assert distance == pytest.approx(kolmogorov_smirnov(other, one), abs=1e-12)
    assert 0 <= distance <= 1


def test_the_order_of_bins_does_not_matter() -> None:
    one, other = ((1, 5), (2, 5)), ((1, 1), (2, 9))
    assert kolmogorov_smirnov(one[::-1], other) == pytest.approx(0.4)
    assert kolmogorov_smirnov(one, one) == 0
    assert kolmogorov_smirnov(((1, 3),), ((2, 3),)) == 1


def test_the_band_is_no_closer_than_the_exact_one_of_the_authors() -> None:
    # confseq, test/uniform_boundaries_unittest.cpp: n 1000, alpha 0.05, t_min 100, A 0.85; there
    # the second constant is solved for, here it is the paper's rounded one.
    exact = 0.08204769
    assert exact < band(1000, 0.05, 100) < 1.02 * exact


def test_the_band_is_the_paper_s_from_the_first_value_on() -> None:
    from math import e, log, sqrt

    paper = 0.85 * sqrt((log(log(e * 500)) + 0.8 * log(1612 / 0.01)) / 500)
    assert band(500, 0.01, 1) == pytest.approx(paper)


@given(n=st.integers(100, 10_000), alpha=st.floats(1e-6, 0.1))
def test_the_band_narrows_and_there_is_none_before_its_first(n: int, alpha: float) -> None:
    assert band(n, alpha, 100) > band(2 * n, alpha, 100) > 0
    assert band(n, alpha / 2, 100) > band(n, alpha, 100)
    assert band(99, alpha, 100) == inf


def test_looking_all_the_time_keeps_the_level() -> None:
    rng, outside, rounds, bins = random.Random(8), 0, 100, 10
    for _ in range(rounds):
        counts = [0] * bins
        for n in range(1, 401):
            counts[rng.randrange(bins)] += 1
            if n >= 50 and n % 10 == 0:
                even = tuple((place, 1) for place in range(bins))
                seen = kolmogorov_smirnov(tuple(enumerate(counts)), even)
                outside += seen > band(n, 0.05, 50)
    assert outside == 0
