"""Typed rows as the table that a pipeline takes.

Numbers and booleans become ``float64`` (missing is NaN, true is 1), categories become text (missing
is NaN). Training, evaluation and serving all come through here, so a value means one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from include.errors import BadInput
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from include.spec.model import Column


def matrix(frame: pd.DataFrame, features: tuple[Column, ...]) -> pd.DataFrame:
    """Return the features of ``frame``, in the order given, with the same index.

    Args:
        frame: Rows with at least the columns of ``features``.
        features: Columns to take.

    Returns:
        One column a feature: ``float64``, or ``object`` holding text and NaN for categories.

    Raises:
        BadInput: a column is missing, is not of its type, or holds an infinite number.
    """
    missing = [column.name for column in features if column.name not in frame.columns]
    if missing:
        raise BadInput("columns are missing from the rows", where="features", value=missing)
    values = {column.name: _values(frame[column.name], column) for column in features}
    return pd.DataFrame(values, index=frame.index)


def table(
    names: tuple[str, ...], rows: tuple[tuple[str | int | float | bool | None, ...], ...]
) -> pd.DataFrame:
    """Return JSON rows, each in the order of ``names``, as an untyped frame for ``matrix``."""
    return pd.DataFrame(list(rows), columns=list(names), dtype="object")


def _values(series: pd.Series, column: Column) -> np.ndarray:
    if column.type is ColumnType.CATEGORY:
        return category_texts(series)
    try:
        numbers: np.ndarray = series.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"values are not of type {column.type.value}", where=column.name, value=str(error)
        ) from error
    if np.isinf(numbers).any():
        raise BadInput("infinite number in a feature", where=column.name, remedy="Quarantine it")
    return numbers


def category_texts(series: pd.Series) -> np.ndarray:
    """Return the values of a category as text; whole numbers lose their ``.0``; missing is NaN."""
    present = series.notna().to_numpy()
    texts = np.full(len(series), np.nan, dtype=object)
    texts[present] = [category_text(value) for value in series.to_numpy(dtype=object)[present]]
    return texts


def category_text(value: object) -> str:
    """Return one category value as the text that a model knows it by."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
