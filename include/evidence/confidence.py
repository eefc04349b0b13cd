"""Confidence sequences of a mean and of a difference of means: bounds that hold at every look.

Asymptotic confidence sequences, eq. 9 and its one-sided form of Waudby-Smith, Arbour, Sinha,
Kennedy & Ramdas, *Time-uniform central limit theory and asymptotic confidence sequences* (Annals
of Statistics 2024). They are asymptotic: nobody should act below `FEWEST` a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import TYPE_CHECKING, Literal

from include.evidence.shares import Share, likeliest_at_margin

if TYPE_CHECKING:
    from include.evidence.tally import Moments

FEWEST = 100
"""Fewest observations of each sample."""
Sides = Literal[1, 2]


@dataclass(frozen=True)
class Estimate:
    """An estimated difference.

    Attributes:
        value: The estimate.
        error: Its standard error; 0 where what was observed does not vary, and no bound holds.
        samples: Observations behind it, of both samples together.
    """

    value: float
    error: float
    samples: int


@dataclass(frozen=True)
class Level:
    """How sure, and tuned for which number of observations; both fixed before the first one.

    Attributes:
        alpha: Largest probability that the bound ever fails; of both bounds for two sides.
        planned: Number of observations, of both samples, at which the bound is tightest.
        sides: 1 for a lower or an upper bound, 2 for both.
    """

    alpha: float
    planned: float
    sides: Sides = 1


def half_width(estimate: Estimate, level: Level) -> float:
    """Return the distance between an estimate and its bound."""
    n = estimate.samples
    tail = 2 * level.alpha if level.sides == 1 else level.alpha
    r2 = (-2 * log(tail) + log(-2 * log(tail) + 1)) / level.planned
    spread = n * r2 + 1
    ratio = sqrt(spread) / tail
    grown = log1p(ratio) if level.sides == 1 else log(ratio)
    return estimate.error * sqrt(n) * sqrt(2 * spread / (n * n * r2) * grown)


def difference(candidate: Moments, stable: Moments) -> Estimate:
    """Return the difference of the means of two independent samples.

    The candidate's variance counts as no smaller than stable's: with few losses, a low mean comes
    with a low variance, and would seem surer than it is.
    """
    theirs = stable.variance
    error = sqrt(max(candidate.variance, theirs) / candidate.count + theirs / stable.count)
    return _estimate(candidate, stable, error)


def difference_of_shares(candidate: Moments, stable: Moments, margin: float) -> Estimate:
    """Return the difference of two shares, for bounds that are compared with ``margin``.

    The standard error is the one at the margin (Farrington & Manning 1990), for the same reason:
    it does not shrink with the luck of few wrong predictions, nor vanish without a single one.
    """
    one, other = (Share(round(arm.total), arm.count) for arm in (candidate, stable))
    at = likeliest_at_margin(one, other, margin)
    ours = (at + margin) * (1 - at - margin) / candidate.count
    return _estimate(candidate, stable, sqrt(max(0.0, ours + at * (1 - at) / stable.count)))


def paired(differences: Moments, *, binary: bool) -> Estimate:
    """Return the mean of paired differences; ``binary`` ones get one more of 1 and of -1.

    Without a single pair that differs the plain standard error is 0, and would prove anything.
    """
    extra = 2 if binary else 0
    n = differences.count + extra
    mean = differences.total / n
    spread = max(0.0, (differences.squares + extra) / n - mean * mean) / n
    return Estimate(differences.mean, sqrt(spread), differences.count)


def _estimate(candidate: Moments, stable: Moments, error: float) -> Estimate:
    return Estimate(candidate.mean - stable.mean, error, candidate.count + stable.count)
