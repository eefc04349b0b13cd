"""Random forest (Breiman 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import Pipeline

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.knobs import Real, Whole
from include.training.preprocessing import coding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.base import Scalar
    from include.spec.model import Column
    from include.training.algorithm import Recipe
    from include.training.knobs import Knob


class ForestParameters(Parameters):
    """Parameters of the random forest."""

    trees: int = Field(default=100, ge=1, le=500, description="Trees.")
    leaf: int = Field(default=2, ge=1, description="Fewest training rows in a leaf.")
    column_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of the columns that each split looks at."
    )


@dataclass(frozen=True)
class Forest:
    """Trees on bootstrap samples, on one thread: candidates run side by side instead."""

    name: str = "forest"
    tasks: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)

    def parameters(self, given: Mapping[str, Scalar]) -> ForestParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(ForestParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return what is worth searching."""
        del task
        return (Whole("leaf", 1, 30, is_log=True), Real("column_share", 0.2, 1.0))

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """
        chosen = self.parameters(recipe.parameters)
        is_regression = recipe.task is Task.REGRESSION
        kind = RandomForestRegressor if is_regression else RandomForestClassifier
        model = kind(
            n_estimators=chosen.trees,
            min_samples_leaf=chosen.leaf,
            max_features=chosen.column_share,
            random_state=recipe.seed % 2**32,
            n_jobs=1,
        )
        return Pipeline([("preprocessing", coding(features)), ("model", model)])
