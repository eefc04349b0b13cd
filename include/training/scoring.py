"""Scores of a recipe on held-out parts of the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from sklearn.pipeline import Pipeline

from include.errors import BadInput
from include.training import algorithms
from include.training.fit import quietly
from include.training.prediction import scored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.training.algorithm import Recipe
    from include.training.fit import Prepared
    from include.training.folds import Fold


class Score(Protocol):
    """What candidates are compared by: one of the metrics of ``include.evaluation``."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def is_higher_better(self) -> bool:
        """Return whether a greater value is better."""

    def compute(self, y: np.ndarray, s: np.ndarray, /) -> float:
        """Return the score of ``s`` where ``y`` happened; both of shape (n,)."""


@dataclass(frozen=True)
class HeldOut:
    """What a model said of rows it never saw, shape (held-out rows of the fold,)."""

    said: np.ndarray
    score: float
    pipeline: Pipeline


@dataclass(frozen=True)
class FoldTable:
    """A fold after preprocessing, which was fitted on the fold's fitted rows only."""

    fold: Fold
    preprocessing: Pipeline
    fitted: np.ndarray
    held_out: np.ndarray


def tables(rows: Prepared, recipe: Recipe, folds: tuple[Fold, ...]) -> tuple[FoldTable, ...]:
    """Return the folds as the trials of one algorithm share them: most trials cost less than this.

    Raises:
        BadInput: a parameter is wrong.
    """
    algorithm = algorithms.named(recipe.algorithm, recipe.task)
    made = []
    for fold in folds:
        part = algorithm.build(recipe, rows.used).named_steps["preprocessing"]
        fitted = part.fit_transform(rows.table.iloc[fold.fitted], rows.labels[fold.fitted])
        made.append(FoldTable(fold, part, fitted, part.transform(rows.table.iloc[fold.held_out])))
    return tuple(made)


def held_out(
    rows: Prepared, recipe: Recipe, parts: tuple[FoldTable, ...], score: Score
) -> Iterator[HeldOut]:
    """Fit each fold in turn and yield what its model says of the rows held out.

    Raises:
        BadInput: a prediction is not a finite number, or the score is not defined on a fold.
    """
    algorithm = algorithms.named(recipe.algorithm, recipe.task)
    for part in parts:
        model = algorithm.build(recipe, rows.used).named_steps["model"]
        quietly(model, part.fitted, rows.labels[part.fold.fitted])
        said = scored(model, part.held_out, rows.classes)
        if not np.isfinite(said).all():
            raise BadInput("a prediction is not a finite number", where=recipe.algorithm)
        value = score.compute(rows.truth[part.fold.held_out], said)
        if not np.isfinite(value):
            raise BadInput("the score is not defined on a fold", where=score.name)
        whole = Pipeline([("preprocessing", part.preprocessing), ("model", model)])
        yield HeldOut(said, float(value), whole)
