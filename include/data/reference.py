"""What training rows were like, column by column: what later partitions are held against.

Each column is drawn and sorted by itself, so no row of anybody can be put together again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from include.spec.base import Strict
from include.spec.model import ColumnType, Role

if TYPE_CHECKING:
    import pandas as pd

    from include.spec.model import Column, Spec

REFERENCE = "reference.json"
MOST_ROWS = 1000
MISSING = "(missing)"
_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER)


class Count(Strict):
    """How many rows have a value."""

    value: str = Field(description="The value, as text.")
    rows: int = Field(description="Rows that have it.")


class ReferenceColumn(Strict):
    """The values of one column."""

    name: str = Field(description="Column.")
    numbers: tuple[float, ...] = Field(description="Values of a number, by size, without missing.")
    counts: tuple[Count, ...] = Field(description="Values of a category or boolean, by value.")


class ReferenceProfile(Strict):
    """``reference.json`` in a package: features and target of the rows a model was fitted on."""

    format: int = Field(default=1, description="Version of this file's format.")
    rows: int = Field(description="Training rows.")
    sampled: int = Field(description="Rows of them that the values are from, seeded.")
    columns: tuple[ReferenceColumn, ...] = Field(description="Columns, in file order.")


@dataclass(frozen=True)
class Trained:
    """The live version, and what its training rows were like: none in an older package."""

    version: str
    profile: ReferenceProfile | None


def profile(frame: pd.DataFrame, spec: Spec) -> ReferenceProfile:
    """Return the profile of training rows.

    Args:
        frame: Typed rows, shape (n, columns), at least one.
        spec: The model's spec.
    """
    drawn = frame
    if len(frame) > MOST_ROWS:
        places = np.random.default_rng(spec.training.seed).choice(len(frame), MOST_ROWS, False)
        drawn = frame.iloc[places]
    watched = [one for one in spec.data.columns if one.role in {Role.FEATURE, Role.TARGET}]
    return ReferenceProfile(
        rows=len(frame),
        sampled=len(drawn),
        columns=tuple(_column(drawn[one.name], one) for one in watched),
    )


def numbers(values: pd.Series) -> np.ndarray:
    """Return the numbers that are there, by size; shape (n,)."""
    present: np.ndarray = values.dropna().to_numpy(dtype="float64")
    return np.sort(present)


def texts(values: pd.Series) -> np.ndarray:
    """Return values as text, in order; what is missing is one more value; shape (n,)."""
    present = values.notna().to_numpy()
    found = np.full(len(values), MISSING, dtype=object)
    found[present] = [str(value) for value in values[present]]
    return np.sort(found)


def is_number(column: Column) -> bool:
    """Say whether a column is held as numbers."""
    return column.type in _NUMERIC


def _column(values: pd.Series, column: Column) -> ReferenceColumn:
    if is_number(column):
        return ReferenceColumn(name=column.name, numbers=tuple(numbers(values).tolist()), counts=())
    known, rows = np.unique(texts(values), return_counts=True)
    counts = (Count(value=str(v), rows=int(n)) for v, n in zip(known, rows, strict=True))
    return ReferenceColumn(name=column.name, numbers=(), counts=tuple(counts))
