"""A fitted model and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.training.matrix import matrix
from include.training.preprocessing import MISSING_TEXT

if TYPE_CHECKING:
    import pandas as pd
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
        table = matrix(frame, self.features)
        if self.classes is None:
            values = np.asarray(self.pipeline.predict(table), dtype="float64")
            return Predictions(values, values)
        place = list(self.pipeline.classes_).index(self.classes.positive)
        scores = np.asarray(self.pipeline.predict_proba(table)[:, place], dtype="float64")
        first, second = self.classes.labels
        negative = second if first == self.classes.positive else first
        return Predictions(np.where(scores >= 0.5, self.classes.positive, negative), scores)

    def vocabulary(self) -> dict[str, tuple[str, ...]]:
        """Return the values seen in training of each category that the pipeline uses."""
        parts = self.pipeline.named_steps["preprocessing"]
        if "category" not in parts.named_transformers_:
            return {}
        encoder = parts.named_transformers_["category"].named_steps["encode"]
        names = next(names for part, _, names in parts.transformers_ if part == "category")
        return {
            name: tuple(str(value) for value in values if value != MISSING_TEXT)
            for name, values in zip(names, encoder.categories_, strict=True)
        }
