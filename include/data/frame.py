"""Rows as a typed pandas frame, indexed by row key: what training and evaluation read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from include.data.dataset import read_rows
from include.data.rows import KEY
from include.data.types import converter, is_date
from include.errors import BadInput
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.data.dataset import DatasetVersion
    from include.data.types import Value
    from include.spec.model import Column, Spec
    from include.store.objects import ObjectStore

_DTYPES = {
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "float64",
    ColumnType.CATEGORY: "string",
    ColumnType.BOOLEAN: "boolean",
}


def load(dataset: DatasetVersion, spec: Spec, store: ObjectStore) -> pd.DataFrame:
    """Return the rows of a dataset version with the types of the contract.

    Returns:
        One column for each of the contract, in its order, and the index ``_row_key``. Dtypes:
        ``Int64``, ``float64``, ``string`` (categories), ``boolean`` and ``datetime64[ns]``;
        missing values are ``NA``, ``NaN`` or ``NaT``.

    Raises:
        ObjectMissing: the rows are not there.
        BadInput: they are not those of the dataset version, a column is missing, or a value is
            not of its type (the dataset was never accepted).
    """
    rows = read_rows(dataset, store)
    missing = [column.name for column in spec.data.columns if column.name not in rows.names]
    if missing:
        remedy = "Only accepted or quarantined data can be trained on"
        raise BadInput("columns are missing", where=dataset.uri, value=missing, remedy=remedy)
    values = {
        column.name: [*map(converter(column), rows.column(column.name))]
        for column in spec.data.columns
    }
    return frame(values, rows.keys, spec)


def frame(values: dict[str, list[Value]], keys: Sequence[str], spec: Spec) -> pd.DataFrame:
    """Return typed values as a frame; see ``load``."""
    index = pd.Index(keys, name=KEY, dtype="object")
    series = {
        column.name: _series(values[column.name], column, index) for column in spec.data.columns
    }
    return pd.DataFrame(series, index=index)


def _series(values: list[Value], column: Column, index: pd.Index) -> pd.Series:
    for place, value in enumerate(values):
        if value is not None and not _fits(value, column):
            remedy = "Validate the data and quarantine the row"
            where = f"{column.name} of row {index[place]}"
            what = f"a value is no {column.type.value}"
            raise BadInput(what, where=where, value=value, remedy=remedy)
    if column.type is ColumnType.DATE:
        return pd.Series(pd.to_datetime(values, format="%Y-%m-%d"), index=index)
    return pd.Series(values, index=index, dtype=_DTYPES[column.type])


def _fits(value: Value, column: Column) -> bool:
    if column.type is ColumnType.DATE:
        return is_date(value)
    return isinstance(value, str) == (column.type is ColumnType.CATEGORY)
