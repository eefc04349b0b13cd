"""Percentile bootstrap intervals (Efron 1979)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.evaluation import Intervals


def resamples(strata: np.ndarray, count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield ``count`` resamples as row numbers of shape (n,), drawn with replacement.

    Args:
        strata: Stratum of each row, shape (n,). Each resample draws as many rows of a stratum as
            there are, so that none is ever without one.
        count: How many resamples.
        seed: Seed; the same seed gives the same resamples.
    """
    generator = np.random.default_rng(seed)
    groups = [np.flatnonzero(strata == value) for value in np.unique(strata)]
    for _ in range(count):
        yield np.concatenate([
            group[generator.integers(0, len(group), len(group))] for group in groups
        ])


def interval(values: np.ndarray, wanted: Intervals) -> tuple[float, float]:
    """Return the percentile interval of resampled values; NaN where any value is NaN."""
    tail = (1 - wanted.level) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail])
    return float(lower), float(upper)
