"""Confidence sequences of a mean and of a difference of means: bounds that hold at every look.

Asymptotic confidence sequences, eq. 9 and its one-sided form of Waudby-Smith, Arbour, Sinha,
Kennedy & Ramdas, *Time-uniform central limit theory and asymptotic confidence sequences* (Annals
of Statistics 2024). They are asymptotic: nobody should act below `FEWEST` a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import TYPE_CHECKING, Literal

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


def difference(candidate: Moments, stable: Moments, *, binary: bool) -> Estimate:
    """Return the difference of the means of two independent samples.

    ``binary`` values (0 or 1) get one more of each in each sample for the standard error (Agresti
    & Caffo 2000): without a single hit the plain one is 0, and would prove anything.
    """
    extra = 1 if binary else 0
    spread = sum(_spread(one, total=extra, squares=extra, count=2 * extra) for one in
                 (candidate, stable))  # fmt: skip
    return Estimate(candidate.mean - stable.mean, sqrt(spread), candidate.count + stable.count)


def paired(differences: Moments, *, binary: bool) -> Estimate:
    """Return the mean of paired differences; ``binary`` ones get one more of 1 and of -1."""
    extra = 2 if binary else 0
    spread = _spread(differences, total=0, squares=extra, count=extra)
    return Estimate(differences.mean, sqrt(spread), differences.count)


def _spread(moments: Moments, *, total: int, squares: int, count: int) -> float:
    """Return the squared standard error of a mean, pseudo-observations added."""
    n = moments.count + count
    mean = (moments.total + total) / n
    return max(0.0, (moments.squares + squares) / n - mean * mean) / n
