"""Gradient boosted trees by XGBoost, with early stopping inside the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field
from sklearn.pipeline import Pipeline

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.estimators.boosted import BoostedClassifier, BoostedRegressor, Trees
from include.training.knobs import Real, Whole
from include.training.preprocessing import coding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.base import Scalar
    from include.spec.model import Column
    from include.training.algorithm import Recipe
    from include.training.knobs import Knob


class BoostingParameters(Parameters):
    """Parameters of the boosted trees."""

    learning_rate: float = Field(default=0.1, gt=0, le=1, description="Weight of each tree.")
    depth: int = Field(default=6, ge=1, le=16, description="Deepest tree.")
    min_weight: float = Field(default=3.0, ge=0, description="Least weight of rows in a leaf.")
    row_share: float = Field(default=0.9, gt=0, le=1, description="Share of rows for each tree.")
    column_share: float = Field(
        default=0.9, gt=0, le=1, description="Share of columns for each tree."
    )
    penalty: float = Field(default=1.0, ge=0, description="L2 penalty of a leaf's value.")
    rounds: int = Field(default=1000, ge=1, description="Most trees; early stopping finds fewer.")


@dataclass(frozen=True)
class Boosting:
    """Boosted trees, on one thread: candidates run side by side instead."""

    name: str = "xgboost"
    tasks: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)

    def parameters(self, given: Mapping[str, Scalar]) -> BoostingParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(BoostingParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return what is worth searching."""
        del task
        return (
            Real("learning_rate", 0.02, 0.3, is_log=True),
            Whole("depth", 2, 10),
            Real("min_weight", 1.0, 30.0, is_log=True),
            Real("row_share", 0.5, 1.0),
            Real("column_share", 0.5, 1.0),
            Real("penalty", 0.1, 30.0, is_log=True),
        )

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """
        chosen = self.parameters(recipe.parameters)
        kind = BoostedRegressor if recipe.task is Task.REGRESSION else BoostedClassifier
        seed = recipe.seed % 2**31
        trees = Trees(**chosen.model_dump(), is_dated=recipe.is_dated, seed=seed)
        return Pipeline([("preprocessing", coding(features)), ("model", kind(trees))])
