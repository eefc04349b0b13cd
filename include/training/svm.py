"""Support vector machine (Cortes and Vapnik 1995), on at most 3,000 sampled rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.estimators.sampled import SampledClassifier, SampledRegressor
from include.training.knobs import Choice, Real
from include.training.preprocessing import preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sklearn.base import BaseEstimator

    from include.spec.base import Scalar
    from include.spec.model import Column
    from include.training.algorithm import Recipe
    from include.training.knobs import Knob

MOST_ROWS = 3000
MOST_STEPS = 200_000
"""Steps of libsvm's solver, which by itself ends after ten million: minutes, if labels contradict
each other. Tens of thousands are usual; a model cut short says that it did not converge."""
_CALIBRATION_FOLDS = 2
_CACHE_MB = 500


class SupportVectorParameters(Parameters):
    """Parameters of the support vector machine."""

    C: float = Field(default=1.0, gt=0, description="Inverse strength of the penalty.")
    kernel: Literal["rbf", "linear", "poly"] = Field(default="rbf", description="Kernel.")
    gamma: float = Field(
        default=1.0, gt=0, description="Width of the kernel, times 1 / (columns x variance)."
    )
    rows: int = Field(
        default=MOST_ROWS, ge=10, le=MOST_ROWS, description="Most rows it is fitted on."
    )


@dataclass(frozen=True)
class SupportVectors:
    """Kernel machine; probabilities by Platt's method on held-out decisions (Platt 1999)."""

    name: str = "svm"
    tasks: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)

    def parameters(self, given: Mapping[str, Scalar]) -> SupportVectorParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(SupportVectorParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return what is worth searching."""
        del task
        return (
            Choice("kernel", ("rbf", "linear", "poly")),
            Real("C", 0.03, 30.0, is_log=True),
            Real("gamma", 0.1, 10.0, is_log=True),
        )

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """
        chosen = self.parameters(recipe.parameters)
        make = _regressor if recipe.task is Task.REGRESSION else _classifier
        steps = [("preprocessing", preprocessing(features)), ("model", make(chosen, recipe.seed))]
        return Pipeline(steps)


def _classifier(chosen: SupportVectorParameters, seed: int) -> BaseEstimator:
    machine = SVC(**_common(chosen))
    calibrated = CalibratedClassifierCV(
        machine, method="sigmoid", cv=_CALIBRATION_FOLDS, ensemble=False
    )
    return SampledClassifier(calibrated, rows=chosen.rows, seed=seed)


def _regressor(chosen: SupportVectorParameters, seed: int) -> BaseEstimator:
    machine = SVR(**_common(chosen))
    scaled = TransformedTargetRegressor(machine, transformer=StandardScaler())
    return SampledRegressor(scaled, rows=chosen.rows, seed=seed)


def _common(chosen: SupportVectorParameters) -> dict[str, float | str]:
    return {
        "C": chosen.C,
        "kernel": chosen.kernel,
        "gamma": _gamma(chosen),
        "cache_size": _CACHE_MB,
        "max_iter": MOST_STEPS,
    }


def _gamma(chosen: SupportVectorParameters) -> float | str:
    return "scale" if chosen.gamma == 1.0 else chosen.gamma
