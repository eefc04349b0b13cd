"""The column that is predicted, as an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.errors import BadInput
from include.spec.model import ColumnType, Task
from include.training.matrix import category_text, category_texts

if TYPE_CHECKING:
    import pandas as pd

    from include.spec.model import Column, Spec

BINARY = 2


@dataclass(frozen=True)
class Classes:
    """The two labels of a classification; ``positive`` is the one that scores speak of."""

    labels: tuple[str | int, str | int]
    positive: str | int


def target(frame: pd.DataFrame, spec: Spec) -> np.ndarray:
    """Return the target of each row: ``float64``, or the labels of a classification.

    Labels are ``int64`` for integer and boolean targets and text for categories.

    Raises:
        BadInput: no rows, a missing column, a missing or infinite value.
    """
    column = spec.data.target
    if frame.empty:
        raise BadInput("there are no rows", where=f"data of {spec.model}")
    if column.name not in frame.columns:
        raise BadInput("the target column is missing", where=column.name)
    series = frame[column.name]
    if series.isna().any():
        count = int(series.isna().sum())
        raise BadInput("rows without a target", where=column.name, value=count)
    if spec.task is Task.CLASSIFICATION:
        return _labels(series, column)
    return _numbers(series, column)


def classes(labels: np.ndarray, column: Column) -> Classes:
    """Return the two classes among ``labels``.

    The positive class is the last of the column's ``allowed`` values where it lists two, else the
    greater label.

    Raises:
        BadInput: there are not exactly two.
    """
    found = [item.item() if isinstance(item, np.generic) else item for item in np.unique(labels)]
    if len(found) == 1:
        raise BadInput("only one class in the rows", where=column.name, value=found[0])
    if len(found) != BINARY:
        raise BadInput(
            "a classification has two classes", where=column.name, value=f"{len(found)} classes"
        )
    positive = found[1]
    if len(column.allowed) == BINARY:
        last = category_text(column.allowed[1])
        positive = next((label for label in found if category_text(label) == last), positive)
    return Classes((found[0], found[1]), positive)


def truth(frame: pd.DataFrame, spec: Spec, found: Classes | None) -> np.ndarray:
    """Return the target as numbers, shape (n,): itself, or 1 for the positive class and else 0.

    Raises:
        BadInput: as ``target``.
    """
    values = target(frame, spec)
    return values if found is None else (values == found.positive).astype("float64")


def _labels(series: pd.Series, column: Column) -> np.ndarray:
    if column.type is ColumnType.CATEGORY:
        return category_texts(series).astype(str)
    numbers = series.astype("float64").to_numpy()
    if not np.array_equal(numbers, np.round(numbers)):
        raise BadInput("a class label is not a whole number", where=column.name)
    return numbers.astype("int64")


def _numbers(series: pd.Series, column: Column) -> np.ndarray:
    numbers = series.astype("float64").to_numpy()
    if not np.isfinite(numbers).all():
        raise BadInput("the target holds an infinite number", where=column.name)
    return numbers
