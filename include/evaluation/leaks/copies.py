"""One feature that decides the target all by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from include.evaluation.leaks.records import Leak, LeakKind
from include.evaluation.metrics import auc
from include.spec.model import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

ALMOST_SURE = 0.995
"""AUC, or rank correlation, of one feature alone. No honest single feature was seen above 0.95."""
FEWEST_A_VALUE = 5


def copies(task: Task, table: pd.DataFrame, target: np.ndarray) -> Iterator[Leak]:
    """Yield the features that are the target in another dress.

    A feature of few values is held by the target's mean of each value, any other by its order: a
    copy, its opposite, a recoding and a coarser or monotone version of it are found alike.

    Args:
        task: What is predicted.
        table: Features of the training rows, shape (n, features).
        target: The target, shape (n,); 0 or 1 for a classification.
    """
    for name in table.columns:
        score = _ranked(table[name], target)
        strength = _strength(task, score, target)
        if strength >= ALMOST_SURE:
            measure = "AUC" if task is Task.CLASSIFICATION else "rank correlation"
            words = f"{name} alone tells the target: {measure} {strength:.4f}"
            yield Leak(kind=LeakKind.COPY, columns=(str(name),), words=words, strength=strength)


def _ranked(values: pd.Series, target: np.ndarray) -> np.ndarray:
    """Return numbers in the order in which the feature speaks for a high target."""
    is_text = not pd.api.types.is_numeric_dtype(values)
    if is_text or values.nunique() * FEWEST_A_VALUE <= len(values):
        known = values.astype("object").where(values.notna(), "(missing)")
        return pd.Series(target).groupby(known.to_numpy()).transform("mean").to_numpy()
    numbers = values.astype("float64")
    return np.asarray(numbers.fillna(numbers.median()))


def _strength(task: Task, score: np.ndarray, target: np.ndarray) -> float:
    if np.ptp(score) == 0 or np.ptp(target) == 0:
        return 0.0
    if task is Task.CLASSIFICATION:
        found = auc(target, score)
        return max(found, 1 - found)
    return abs(float(spearmanr(score, target).statistic))
