"""Whether probabilities mean what they say: reliability by bins, and slope and level of it all.

Expected calibration error over bins of equal size (Naeini, Cooper and Hauskrecht 2015); slope and
level of the recalibration (Cox 1958): 1 and 0 for a calibrated model, a slope below 1 for one that
is too sure. A regression is held against the line ``actual = level + slope * predicted``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning
from statsmodels.tools.tools import add_constant

from include.evaluation.bootstrap import interval, resamples
from include.evaluation.records import Bin, Calibration
from include.spec.model import Task

if TYPE_CHECKING:
    from include.spec.evaluation import Intervals

BINS = 10
FEWEST_A_BIN = 10
_OFF_THE_ENDS = 1e-6


@dataclass(frozen=True)
class _Line:
    level: float
    slope: float
    lower: float
    upper: float


def calibration(
    task: Task, actual: np.ndarray, said: np.ndarray, intervals: Intervals, seed: int
) -> Calibration:
    """Return the calibration of predictions.

    Args:
        task: What is predicted.
        actual: What happened, shape (n,); 0 or 1 for a classification.
        said: Probability of 1, or the predicted number, shape (n,).
        intervals: Resamples and level.
        seed: Seed of the resamples.
    """
    strata = actual if task is Task.CLASSIFICATION else np.zeros(len(actual))
    drawn = np.array([
        error(actual[rows], said[rows]) for rows in resamples(strata, intervals.resamples, seed)
    ])
    lower, upper = interval(drawn, intervals)
    line = _line(task, actual, said, 1 - intervals.level)
    return Calibration(
        bins=tuple(
            Bin(rows=len(rows), said=float(said[rows].mean()), happened=float(actual[rows].mean()))
            for rows in _bins(said)
        ),
        error=error(actual, said),
        error_lower=lower,
        error_upper=upper,
        slope=line.slope if line else None,
        slope_lower=line.lower if line else None,
        slope_upper=line.upper if line else None,
        level=line.level if line else None,
    )


def error(actual: np.ndarray, said: np.ndarray) -> float:
    """Return the expected calibration error, in units of the prediction."""
    gaps = [len(rows) * abs(said[rows].mean() - actual[rows].mean()) for rows in _bins(said)]
    return float(sum(gaps) / len(said))


def _bins(said: np.ndarray) -> list[np.ndarray]:
    count = max(1, min(BINS, len(said) // FEWEST_A_BIN))
    parts: list[np.ndarray] = np.array_split(np.argsort(said, kind="stable"), count)
    return parts


def _line(task: Task, actual: np.ndarray, said: np.ndarray, alpha: float) -> _Line | None:
    """Return the recalibrating line; none where predictions or outcomes do not vary."""
    if np.ptp(said) == 0 or np.ptp(actual) == 0:
        return None
    model = OLS(actual, add_constant(said))
    if task is Task.CLASSIFICATION:
        kept = np.clip(said, _OFF_THE_ENDS, 1 - _OFF_THE_ENDS)
        model = GLM(actual, add_constant(np.log(kept / (1 - kept))), family=Binomial())
    try:
        with np.errstate(all="ignore"):
            fitted = model.fit()
    except (np.linalg.LinAlgError, PerfectSeparationWarning, ValueError):
        return None
    ends = np.asarray(fitted.conf_int(alpha=alpha))[1]
    if not np.isfinite([*fitted.params, *ends]).all():
        return None
    return _Line(*(float(part) for part in (*fitted.params, *ends)))
