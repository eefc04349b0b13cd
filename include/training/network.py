"""A small dense network, fitted with Keras and served with NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field
from sklearn.pipeline import Pipeline

from include.spec.model import Task
from include.training.algorithm import Parameters, checked
from include.training.estimators import keras_fit
from include.training.estimators.dense import DenseClassifier, DenseRegressor
from include.training.knobs import Choice, Real, Whole
from include.training.preprocessing import preprocessing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.base import Scalar
    from include.spec.model import Column
    from include.training.algorithm import Recipe
    from include.training.knobs import Knob


class NetworkParameters(Parameters):
    """Parameters of the network."""

    width: int = Field(default=64, ge=1, le=512, description="Units of a hidden layer.")
    depth: int = Field(default=2, ge=1, le=4, description="Hidden layers.")
    learning_rate: float = Field(default=0.003, gt=0, le=1, description="First learning rate.")
    decay: float = Field(default=1e-4, ge=0, description="Weight decay of a step.")
    epochs: int = Field(default=20, ge=1, le=500, description="Passes over the rows.")
    batch: int = Field(default=64, ge=1, description="Rows of a step.")


@dataclass(frozen=True)
class Network:
    """Dense network, not stopped early: its rate decays to zero over the searched passes."""

    name: str = "network"
    tasks: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)

    def parameters(self, given: Mapping[str, Scalar]) -> NetworkParameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """
        return checked(NetworkParameters, given, f"training.parameters.{self.name}")

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return what is worth searching."""
        del task
        return (
            Choice("width", (16, 32, 64, 128)),
            Whole("depth", 1, 3),
            Real("learning_rate", 5e-4, 0.02, is_log=True),
            Real("decay", 1e-5, 0.1, is_log=True),
            Whole("epochs", 5, 40, is_log=True),
        )

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return the unfitted pipeline.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """
        chosen = self.parameters(recipe.parameters)
        kind = DenseRegressor if recipe.task is Task.REGRESSION else DenseClassifier
        shape = keras_fit.Network(**chosen.model_dump(), seed=recipe.seed)
        return Pipeline([("preprocessing", preprocessing(features)), ("model", kind(shape))])
