"""Naive baselines: the share of each class, the mean, or a column such as last week's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from include.errors import BadInput
from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.estimators.copied import CopiedColumn
from include.training.preprocessing import coding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.base import Scalar
    from include.spec.model import Column
    from include.training.algorithm import Recipe
    from include.training.knobs import Knob


class BaselineParameters(Parameters):
    """Parameters of the baseline."""

    column: str = Field(
        default="",
        pattern=r"^\S*$",
        description="Feature that is the prediction (the same hour last week, say); a regression "
        "only. None is the mean.",
    )


@dataclass(frozen=True)
class Baseline:
    """What needs no model: every candidate has to beat it. It is never selected."""

    name: str = "baseline"
    tasks: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)

    def parameters(self, given: Mapping[str, Scalar]) -> BaselineParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(BaselineParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return nothing: there is nothing to search."""
        del task
        return ()

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline; one that copies a column uses only that.

        Raises:
            BadInput: the parameters of the recipe are wrong, or the column is no feature.
        """
        chosen = self.parameters(recipe.parameters)
        if not chosen.column:
            is_regression = recipe.task is Task.REGRESSION
            model = DummyRegressor() if is_regression else DummyClassifier(strategy="prior")
            return Pipeline([("preprocessing", coding(features)), ("model", model)])
        where = f"training.parameters.{self.name}.column"
        if recipe.task is not Task.REGRESSION:
            raise BadInput("only a regression's baseline copies a column", where=where)
        if chosen.column not in {column.name for column in features}:
            raise BadInput("no such feature", where=where, value=chosen.column)
        mean = SimpleImputer(strategy="mean", keep_empty_features=True)
        part = ColumnTransformer([("number", mean, [chosen.column])])
        return Pipeline([("preprocessing", part), ("model", CopiedColumn())])
