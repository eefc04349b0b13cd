"""Rows that a model is tried on: to tell two models apart, and to tell that one still works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from include.spec.model import ColumnType
from include.training.matrix import category_text

if TYPE_CHECKING:
    from include.spec.model import Column

DIGEST_ROWS = 64
PACKAGE_ROWS = 8


def probe(frame: pd.DataFrame, rows: int = DIGEST_ROWS) -> pd.DataFrame:
    """Return the first ``rows`` rows of training data in the order of their row key (the index)."""
    return frame.sort_index().head(rows)


def scrambled(frame: pd.DataFrame, features: tuple[Column, ...]) -> pd.DataFrame:
    """Return up to ``PACKAGE_ROWS`` made-up rows that may leave the training data's protection.

    The value of column j in row i is that of row i + j of the probe set: every value is real, but
    no row is copied from one person (it may equal somebody's by chance). Deterministic.
    """
    source = probe(frame)
    count = min(PACKAGE_ROWS, len(source))
    columns = {}
    for shift, column in enumerate(features):
        places = (np.arange(count) + shift) % len(source)
        columns[column.name] = source[column.name].iloc[places].reset_index(drop=True)
    return pd.DataFrame(columns)


def cells(
    frame: pd.DataFrame, features: tuple[Column, ...]
) -> tuple[tuple[str | int | float | bool | None, ...], ...]:
    """Return rows as JSON values, in the order of ``features``; what is missing is ``None``."""
    columns = [
        [_cell(value, column) for value in frame[column.name].astype("object")]
        for column in features
    ]
    return tuple(zip(*columns, strict=True))


def _cell(value: Any, column: Column) -> str | int | float | bool | None:
    if pd.isna(value):
        return None
    if column.type is ColumnType.CATEGORY:
        return category_text(value)
    number = float(value)
    if column.type is ColumnType.BOOLEAN:
        return bool(number)
    return int(number) if column.type is ColumnType.INTEGER else number
