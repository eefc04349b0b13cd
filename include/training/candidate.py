"""One candidate of a training: searched, measured on held-out rows, fitted on all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.training.fit import fitted
from include.training.importances import importances
from include.training.search import search

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from include.training.algorithm import Recipe
    from include.training.fit import Fitted
    from include.training.importances import Importance
    from include.training.prediction import Model
    from include.training.search import Budget, Field, Found

_CALLS = 30


@dataclass(frozen=True)
class Candidate:
    """What one algorithm came to.

    Attributes:
        found: The search and its best recipe.
        fitted: The model, fitted on all training rows.
        scores: Score of each fold, shape (folds,).
        said: Scores of the held-out rows, shape (rows,); NaN where a row was never held out.
        latency: Median seconds of an answer for one row.
        importances: What its columns are worth; a forest only.
    """

    found: Found
    fitted: Fitted
    scores: tuple[float, ...]
    said: np.ndarray
    latency: float
    importances: tuple[Importance, ...]


def compete(start: Recipe, field: Field, budget: Budget, storage: BaseStorage) -> Candidate:
    """Search, measure the best recipe fold by fold, and fit it on all training rows.

    Raises:
        BadInput: every trial failed, or a parameter is wrong.
    """
    found = search(start, field, budget, storage)
    said = np.full(len(field.rows.table), np.nan)
    for fold, part in zip(field.folds, found.held_out, strict=True):
        said[fold.held_out] = part.said
    made = fitted(field.rows, found.recipe)
    return Candidate(
        found=found,
        fitted=made,
        scores=tuple(part.score for part in found.held_out),
        said=said,
        latency=latency(made.model, field),
        importances=importances(made.model, found.held_out[-1].pipeline, field),
    )


def latency(model: Model, field: Field) -> float:
    """Return the median seconds of an answer for one row, from ``_CALLS`` calls."""
    row, seconds = field.rows.frame.iloc[[0]], []
    for _ in range(_CALLS):
        began = time.perf_counter()
        model.predict(row)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))
