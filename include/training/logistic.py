"""Logistic regression: ridge, lasso and what lies between (elastic net)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field
from sklearn.linear_model import LogisticRegression
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


class LogisticParameters(Parameters):
    """Parameters of the logistic regression."""

    C: float = Field(default=1.0, gt=0, description="Inverse strength of the penalty.")
    l1_ratio: float = Field(default=0.0, ge=0, le=1, description="Share of the L1 penalty.")
    max_iter: int = Field(default=1000, ge=1, description="Most iterations of the solver.")
    tol: float = Field(default=1e-6, gt=0, description="Tolerance at which the solver stops.")
    class_weight: Literal["none", "balanced"] = Field(
        default="none", description="`balanced` weighs rows by the inverse share of their class."
    )


@dataclass(frozen=True)
class Logistic:
    """Binary classification by logistic regression: L-BFGS, or SAGA where there is an L1 part."""

    name: str = "logistic"
    tasks: tuple[Task, ...] = (Task.CLASSIFICATION,)

    def parameters(self, given: Mapping[str, Scalar]) -> LogisticParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(LogisticParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return what is worth searching."""
        del task
        return (
            Real("C", 1e-3, 100.0, is_log=True),
            Choice("l1_ratio", (0.0, 0.5, 1.0)),
        )

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """
        chosen = self.parameters(recipe.parameters)
        model = LogisticRegression(
            C=chosen.C,
            l1_ratio=chosen.l1_ratio,
            solver="saga" if chosen.l1_ratio else "lbfgs",
            max_iter=chosen.max_iter,
            tol=chosen.tol if not chosen.l1_ratio else max(chosen.tol, 1e-4),
            class_weight=None if chosen.class_weight == "none" else "balanced",
            random_state=recipe.seed,
        )
        return Pipeline([("preprocessing", preprocessing(features)), ("model", model)])
