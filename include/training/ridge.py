"""Linear regression with a penalty: ridge, lasso and what lies between (elastic net)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field
from sklearn.linear_model import ElasticNet
from sklearn.linear_model import Ridge as RidgeRegression
from sklearn.pipeline import Pipeline

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.knobs import Choice, Real
from include.training.preprocessing import preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.base import Scalar
    from include.spec.model import Column
    from include.training.algorithm import Recipe
    from include.training.knobs import Knob


class RidgeParameters(Parameters):
    """Parameters of the linear regression."""

    alpha: float = Field(
        default=1.0,
        ge=0,
        description="Strength of the penalty; with an L1 part, of the mean loss of a row.",
    )
    l1_ratio: float = Field(default=0.0, ge=0, le=1, description="Share of the L1 penalty.")


@dataclass(frozen=True)
class Ridge:
    """Regression by ridge (Cholesky), or by coordinate descent where there is an L1 part."""

    name: str = "ridge"
    tasks: tuple[Task, ...] = (Task.REGRESSION,)

    def parameters(self, given: Mapping[str, Scalar]) -> RidgeParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(RidgeParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return what is worth searching."""
        del task
        return (Real("alpha", 1e-3, 100.0, is_log=True), Choice("l1_ratio", (0.0, 0.5, 1.0)))

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """
        chosen = self.parameters(recipe.parameters)
        if chosen.l1_ratio and chosen.alpha:
            model = ElasticNet(alpha=chosen.alpha, l1_ratio=chosen.l1_ratio, max_iter=5000)
        else:
            model = RidgeRegression(alpha=chosen.alpha, solver="cholesky")
        return Pipeline([("preprocessing", preprocessing(features)), ("model", model)])
