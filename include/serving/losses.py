"""How wrong a prediction was, once its label is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

Label = bool | int | float | str

_LARGEST = 1e30
"""Distances beyond it are no measurement, and their fourth power would leave the doubles."""


@dataclass(frozen=True)
class Row:
    """One prediction as a label can be compared with it.

    Attributes:
        probability: Of the positive class; None where the model has none.
        prediction: A class or a number; None where the caller did not ask for it.
        classes: Whether the prediction is a class.
        positive: The positive class as text; empty where nobody said.
    """

    probability: float | None
    prediction: float | str | bool | None
    classes: bool
    positive: str


@dataclass(frozen=True)
class Loss:
    """Losses of one prediction; None where a loss does not apply.

    Attributes:
        error: 1 for the wrong class, or a probability on the wrong side of 0.5; else 0.
        squared: Squared distance; of a probability from 0 or 1 it is the Brier score.
        absolute: Absolute distance.
    """

    error: float | None = None
    squared: float | None = None
    absolute: float | None = None

    def minus(self, other: Loss) -> Loss:
        """Return the differences of the losses that both have."""
        return Loss(
            _minus(self.error, other.error),
            _minus(self.squared, other.squared),
            _minus(self.absolute, other.absolute),
        )


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def loss_of(row: Row, label: Label) -> Loss | None:
    """Return how wrong a prediction was, or None where the label is not of its kind.

    A probability is compared with 1 where the label is the positive class (or true) and with 0
    where it is another one. Where the positive class is 1, or not named, labels are 0 or 1.
    """
    if row.probability is not None:
        return _of_probability(row.probability, row, label)
    if row.prediction is None:
        return None
    if row.classes or isinstance(row.prediction, str):
        same_kind = isinstance(row.prediction, str) == isinstance(label, str)
        return Loss(error=float(row.prediction != label)) if same_kind else None
    distance = None if isinstance(label, str) else _distance(row.prediction, label)
    return None if distance is None else Loss(squared=distance * distance, absolute=distance)


def _of_probability(probability: float, row: Row, label: Label) -> Loss | None:
    truth = _truth(row, label)
    if truth is None:
        return None
    distance = abs(probability - truth)
    wrong = (probability >= 0.5) != (truth >= 0.5)
    return Loss(float(wrong), distance * distance, distance)


def _truth(row: Row, label: Label) -> float | None:
    if isinstance(label, bool):
        return float(label)
    textual = isinstance(row.prediction, str) or not _numeric(row.positive or "1")
    if isinstance(label, str) != textual:
        return None
    if not textual and row.positive in {"", "1"}:
        return float(label) if label in {0, 1} else None
    return float(_text(label) == row.positive)


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _text(label: Label) -> str:
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def _distance(prediction: float, label: float) -> float | None:
    distance = abs(prediction - label)
    return distance if isfinite(distance) and distance < _LARGEST else None
