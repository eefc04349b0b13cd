"""The metrics a spec may name.

Each takes what happened, y of shape (n,), and what was said, s of shape (n,): for a classification
y is 0 or 1 and s the probability of 1; for a regression both are in units of the target. A metric
that these rows do not define is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from include.spec.model import Task

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALLEST = 1e-15


@dataclass(frozen=True)
class Metric:
    """One metric: its name, the task it belongs to, which way is better, how it is computed."""

    name: str
    task: Task
    is_higher_better: bool
    compute: Callable[[np.ndarray, np.ndarray], float]


def auc(y: np.ndarray, s: np.ndarray) -> float:
    """Return the area under the ROC curve, by ranks (Mann and Whitney 1947; ties count half)."""
    positives = int(y.sum())
    negatives = len(y) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(s)[y == 1].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def log_loss(y: np.ndarray, s: np.ndarray) -> float:
    """Return the mean negative log-likelihood in nats; probabilities are kept off 0 and 1."""
    kept = np.clip(s, _SMALLEST, 1 - _SMALLEST)
    return float(-np.mean(np.where(y == 1, np.log(kept), np.log1p(-kept))))


def brier(y: np.ndarray, s: np.ndarray) -> float:
    """Return the mean squared error of the probabilities (Brier 1950)."""
    return float(np.mean((y - s) ** 2))


def accuracy(y: np.ndarray, s: np.ndarray) -> float:
    """Return the share of rows whose more probable class is the true one."""
    return float(np.mean((s >= 0.5) == (y == 1)))


def rmse(y: np.ndarray, s: np.ndarray) -> float:
    """Return the root of the mean squared error, in units of the target."""
    return float(np.sqrt(np.mean((y - s) ** 2)))


def mae(y: np.ndarray, s: np.ndarray) -> float:
    """Return the mean absolute error, in units of the target."""
    return float(np.mean(np.abs(y - s)))


def r2(y: np.ndarray, s: np.ndarray) -> float:
    """Return the share of the target's variance that is explained; NaN where it has none."""
    total = float(np.sum((y - y.mean()) ** 2))
    return float("nan") if total == 0 else 1 - float(np.sum((y - s) ** 2)) / total


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("auc", Task.CLASSIFICATION, True, auc),
        Metric("log_loss", Task.CLASSIFICATION, False, log_loss),
        Metric("brier", Task.CLASSIFICATION, False, brier),
        Metric("accuracy", Task.CLASSIFICATION, True, accuracy),
        Metric("rmse", Task.REGRESSION, False, rmse),
        Metric("mae", Task.REGRESSION, False, mae),
        Metric("r2", Task.REGRESSION, True, r2),
    )
}
