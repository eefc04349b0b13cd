"""A fitted model and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.training.matrix import matrix
from include.training.preprocessing import MISSING_TEXT

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

    from include.spec.model import Column
    from include.training.target import Classes


@dataclass(frozen=True)
class Predictions:
    """Answers for n rows, each of shape (n,).

    ``values`` holds labels or numbers; ``scores`` the probability of the positive class, or the
    same numbers for a regression.
    """

    values: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Model:
    """A fitted pipeline, the columns it is given, and its classes where it has any."""

    pipeline: Pipeline
    features: tuple[Column, ...]
    classes: Classes | None

    def predict(self, frame: pd.DataFrame) -> Predictions:
        """Return the answers for the rows of ``frame``.

        A label is the positive one where its probability is at least one half.

        Raises:
            BadInput: a feature is missing from the rows or not of its type.
        """
        scores = scored(self.pipeline, matrix(frame, self.features), self.classes)
        if self.classes is None:
            return Predictions(scores, scores)
        first, second = self.classes.labels
        negative = second if first == self.classes.positive else first
        return Predictions(np.where(scores >= 0.5, self.classes.positive, negative), scores)

    def vocabulary(self) -> dict[str, tuple[str, ...]]:
        """Return the values seen in training of each category that the pipeline uses."""
        seen: dict[str, set[str]] = {}
        for pipeline in _members(self.pipeline):
            for name, values in _categories(pipeline).items():
                seen.setdefault(name, set()).update(values)
        ordered = (column.name for column in self.features if column.name in seen)
        return {name: tuple(sorted(seen[name])) for name in ordered}


def scored(
    pipeline: BaseEstimator, table: pd.DataFrame | np.ndarray, found: Classes | None
) -> np.ndarray:
    """Return the scores of a table made by ``matrix``, shape (n,), as in ``Predictions``.

    An estimator without its preprocessing takes what that has made of the table.
    """
    if found is None:
        return np.asarray(pipeline.predict(table), dtype="float64")
    place = list(pipeline.classes_).index(found.positive)
    return np.asarray(pipeline.predict_proba(table)[:, place], dtype="float64")


def _members(pipeline: Pipeline) -> tuple[Pipeline, ...]:
    """Return the pipelines that a pipeline consists of: itself, or those that it blends."""
    if "preprocessing" in pipeline.named_steps:
        return (pipeline,)
    return tuple(pipeline.named_steps["model"].members_)


def _categories(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    parts = pipeline.named_steps["preprocessing"]
    if "category" not in parts.named_transformers_:
        return {}
    encoder = parts.named_transformers_["category"].named_steps["encode"]
    names = next(names for part, _, names in parts.transformers_ if part == "category")
    return {
        name: tuple(str(value) for value in values if value != MISSING_TEXT)
        for name, values in zip(names, encoder.categories_, strict=True)
    }
