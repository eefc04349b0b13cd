"""What a search may turn: a parameter with its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from include.spec.base import Scalar


@dataclass(frozen=True)
class Real:
    """A number between two limits; by its logarithm where ``is_log``."""

    name: str
    low: float
    high: float
    is_log: bool = False


@dataclass(frozen=True)
class Whole:
    """A whole number between two limits; by its logarithm where ``is_log``."""

    name: str
    low: int
    high: int
    is_log: bool = False


@dataclass(frozen=True)
class Choice:
    """One of a few values."""

    name: str
    options: tuple[Scalar, ...]


Knob = Real | Whole | Choice


def distribution(knob: Knob) -> BaseDistribution:
    """Return a knob as Optuna knows it."""
    if isinstance(knob, Choice):
        return CategoricalDistribution(knob.options)
    if isinstance(knob, Whole):
        return IntDistribution(knob.low, knob.high, log=knob.is_log)
    return FloatDistribution(knob.low, knob.high, log=knob.is_log)
