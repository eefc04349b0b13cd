"""Logistic regression with an L2 penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.preprocessing import preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.model import Column, Scalar, Spec


class LogisticParameters(Parameters):
    """Parameters of the logistic regression."""

    C: float = Field(default=1.0, gt=0, description="Inverse strength of the penalty.")
    max_iter: int = Field(default=1000, ge=1, description="Most iterations of the solver.")
    tol: float = Field(default=1e-6, gt=0, description="Tolerance at which the solver stops.")
    class_weight: Literal["none", "balanced"] = Field(
        default="none", description="`balanced` weighs rows by the inverse share of their class."
    )


@dataclass(frozen=True)
class Logistic:
    """Binary classification by logistic regression, solved with L-BFGS (deterministic)."""

    name: str = "logistic"
    task: Task = Task.CLASSIFICATION

    def parameters(self, given: Mapping[str, Scalar]) -> LogisticParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(LogisticParameters, given, "training.parameters")

    def build(self, spec: Spec, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the spec are wrong.
        """
        chosen = self.parameters(spec.training.parameters)
        weight = None if chosen.class_weight == "none" else "balanced"
        model = LogisticRegression(
            C=chosen.C,
            max_iter=chosen.max_iter,
            tol=chosen.tol,
            class_weight=weight,
            random_state=spec.training.seed,
        )
        return Pipeline([("preprocessing", preprocessing(features)), ("model", model)])
