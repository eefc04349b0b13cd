"""Scores of a recipe on held-out parts of the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from include.errors import BadInput
from include.training.fit import part
from include.training.prediction import scored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.pipeline import Pipeline

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


def held_out(
    rows: Prepared, recipe: Recipe, folds: tuple[Fold, ...], score: Score
) -> Iterator[HeldOut]:
    """Fit each fold in turn and yield what its model says of the rows held out.

    Raises:
        BadInput: a prediction is not a finite number, or the score is not defined on a fold.
    """
    for fold in folds:
        pipeline, _ = part(rows, recipe, fold.fitted)
        said = scored(pipeline, rows.table.iloc[fold.held_out], rows.classes)
        if not np.isfinite(said).all():
            raise BadInput("a prediction is not a finite number", where=recipe.algorithm)
        value = score.compute(rows.truth[fold.held_out], said)
        if not np.isfinite(value):
            raise BadInput("the score is not defined on a fold", where=score.name)
        yield HeldOut(said, float(value), pipeline)
