"""Rows as a prediction request of the Open Inference Protocol v2, and the truth about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from include.data.types import allowed_values, converter
from include.errors import BadInput
from include.serving.inference import PREFERRED
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.data.types import Value
    from include.spec.model import Column, Spec

_KINDS: dict[ColumnType, tuple[type, ...]] = {
    ColumnType.INTEGER: (int,),
    ColumnType.NUMBER: (int, float),
    ColumnType.BOOLEAN: (bool,),
    ColumnType.CATEGORY: (str,),
    ColumnType.DATE: (str,),
}


Cell = str | int | float | bool
Cells = tuple[Cell, ...]


def cells(spec: Spec, row: Mapping[str, str]) -> Cells:
    """Return the features of a row in the order of the spec, as a request says them.

    Raises:
        BadInput: a feature is missing or breaks the contract; the error names it.
    """
    return tuple(_value(column, row) for column in spec.data.features)


def body(features: Sequence[Column], rows: Sequence[Cells]) -> bytes:
    """Return the request for some rows, each with every feature."""
    inputs = [
        {
            "name": column.name,
            "shape": [len(rows)],
            "datatype": PREFERRED[column.type],
            "data": [row[place] for row in rows],
        }
        for place, column in enumerate(features)
    ]
    return json.dumps({"inputs": inputs}).encode()


def label(spec: Spec, row: Mapping[str, str]) -> str | int | float:
    """Return what became of the row.

    Raises:
        BadInput: it is missing or breaks the contract.
    """
    value = _value(spec.data.target, row)
    return int(value) if isinstance(value, bool) else value


def _value(column: Column, row: Mapping[str, str]) -> Cell:
    value = converter(column)(row.get(column.name))
    if value is None:
        raise BadInput("no value", where=column.name)
    if not isinstance(value, _KINDS[column.type]) or not _is_allowed(column, value):
        raise BadInput("not a value of the contract", where=column.name, value=value)
    return value


def _is_allowed(column: Column, value: Value) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = column.minimum is None or value >= column.minimum
        if not (low and (column.maximum is None or value <= column.maximum)):
            return False
    # `approve: [0, 1]` and `true` mean the same to a contract of booleans.
    return not column.allowed or value in allowed_values(column)
