"""Distance of two histograms, and how far it may be from that of the distributions behind them."""

from __future__ import annotations

from math import e, inf, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Histogram = Sequence[tuple[int, int]]


def total(histogram: Histogram) -> int:
    """Return how many values a histogram holds."""
    return sum(count for _, count in histogram)


def kolmogorov_smirnov(one: Histogram, other: Histogram) -> float:
    """Return the largest distance of two empirical distribution functions.

    Args:
        one: (bin, count) in any order of bins, at least one of them counted.
        other: The same, in the same bins.

    Values of a bin count as equal, so that bins can hide a distance and never make one.
    """
    steps: dict[int, float] = {}
    for histogram, sign in ((one, 1), (other, -1)):
        share = sign / total(histogram)
        for place, count in histogram:
            steps[place] = steps.get(place, 0.0) + share * count
    reached = largest = 0.0
    for place in sorted(steps):
        reached += steps[place]
        largest = max(largest, abs(reached))
    return min(largest, 1.0)


def band(n: int, alpha: float, first: int) -> float:
    """Return the distance of an empirical distribution function from the true one, at every look.

    It holds at all n from ``first`` on together with probability 1 - alpha; below there is none.
    Howard & Ramdas, *Sequential estimation of quantiles* (Bernoulli 2022), theorem 2 with the
    leading constant 0.85, for which 0.8 log(1612 / alpha) is the other one.
    """
    if n < first:
        return inf
    return 0.85 * sqrt((log(log(e * n / first)) + 0.8 * log(1612 / alpha)) / n)
