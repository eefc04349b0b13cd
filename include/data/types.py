"""The text of a cell as a value of its column's type.

A text that is no value of the type stays text, so that the contract refuses it and its reason can
quote it. An empty cell is a missing value; words like ``NA`` are text.
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import TYPE_CHECKING

from include.spec.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.base import Scalar
    from include.spec.model import Column

Value = str | int | float | bool | None
_INTEGER = re.compile(r"^[+-]?\d{1,16}(?:\.0+)?$", re.ASCII)
_NUMBER = re.compile(r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$", re.ASCII)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_LARGEST = 2**53  # beyond it, a float no longer tells neighbouring integers apart
_BOOLEANS = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}


def converter(column: Column) -> Callable[[str | None], Value]:
    """Return the function that turns a cell of ``column`` into a value, or leaves it text."""
    convert = _BY_TYPE[column.type]
    if column.type is ColumnType.CATEGORY and _codes(column):
        convert = _code

    def value(cell: str | None) -> Value:
        text = "" if cell is None else cell.strip()
        return convert(text) if text else None

    return value


def is_date(value: Value) -> bool:
    """Say whether a value is a day that the calendar has, as ``YYYY-MM-DD``."""
    if not isinstance(value, str) or not _DATE.match(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def allowed_values(column: Column) -> tuple[Value, ...]:
    """Return the column's allowed values as ``converter`` writes them."""
    if column.type is ColumnType.BOOLEAN:
        return tuple(bool(value) for value in column.allowed)
    if column.type is ColumnType.CATEGORY:
        return tuple(_category(value) for value in column.allowed)
    return tuple(column.allowed)


def _category(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _codes(column: Column) -> bool:
    """Say whether a category is a set of numeric codes, of which ``1.0`` and ``1`` are one."""
    return bool(column.allowed) and not any(isinstance(v, bool | str) for v in column.allowed)


def _integer(text: str) -> Value:
    if not _INTEGER.match(text):
        return text
    number = int(text.partition(".")[0])
    return number if abs(number) <= _LARGEST else text


def _number(text: str) -> Value:
    if not _NUMBER.match(text):
        return text
    number = float(text)
    return number if math.isfinite(number) else text


def _code(text: str) -> Value:
    number = _number(text)
    return _category(number) if isinstance(number, float) else text


def _boolean(text: str) -> Value:
    return _BOOLEANS.get(text.lower(), text)


def _text(text: str) -> Value:
    return text


_BY_TYPE: dict[ColumnType, Callable[[str], Value]] = {
    ColumnType.INTEGER: _integer,
    ColumnType.NUMBER: _number,
    ColumnType.CATEGORY: _text,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.DATE: _text,
}
