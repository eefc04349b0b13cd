"""Linear regression with an L2 penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field
from sklearn.linear_model import Ridge as RidgeRegression
from sklearn.pipeline import Pipeline

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.preprocessing import preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.model import Column, Scalar, Spec


class RidgeParameters(Parameters):
    """Parameters of the ridge regression."""

    alpha: float = Field(default=1.0, ge=0, description="Strength of the penalty.")


@dataclass(frozen=True)
class Ridge:
    """Regression by ridge, solved in closed form by Cholesky (deterministic)."""

    name: str = "ridge"
    task: Task = Task.REGRESSION

    def parameters(self, given: Mapping[str, Scalar]) -> RidgeParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(RidgeParameters, given, "training.parameters")

    def build(self, spec: Spec, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the spec are wrong.
        """
        chosen = self.parameters(spec.training.parameters)
        model = RidgeRegression(alpha=chosen.alpha, solver="cholesky")
        return Pipeline([("preprocessing", preprocessing(features)), ("model", model)])
