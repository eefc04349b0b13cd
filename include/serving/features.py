"""What a model asks of a request, and whether a request gives it.

``contract.json`` travels in every package, so that a server knows the columns, their types, ranges
and values without the spec.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

from pydantic import Field

from include.errors import BadInput
from include.spec.model import Column, ColumnType, Task
from include.steps.contract import Record

Cell = str | int | float | bool | None
MAX_ROWS = 10_000
_MAX_EXACT = 2**53
_MAX_NUMBER = 1e300
_SHOWN = 60


class FeatureRule(Record):
    """One column of a request."""

    column: Column = Field(description="The column as the spec declares it.")
    known: tuple[str, ...] = Field(description="Categories seen in training.")


class FeatureContract(Record):
    """``contract.json``: what goes in and what comes out."""

    format: int = Field(default=1, description="Version of this file's format.")
    model: str = Field(description="Name of the model.")
    task: Task = Field(description="What it predicts.")
    features: tuple[FeatureRule, ...] = Field(description="Every column of a request, in order.")
    labels: tuple[str | int, ...] = Field(description="The two classes; none for a regression.")
    positive: str | int | None = Field(description="The class that probabilities speak of.")
    max_rows: int = Field(default=MAX_ROWS, description="Most rows in one request.")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(rule.column.name for rule in self.features)


@dataclass(frozen=True)
class Batch:
    """Rows of a request: cells in the order of the contract; what the model never saw before.

    ``unknown`` holds a line ``column=value`` for each category value that training did not know.
    """

    rows: tuple[tuple[Cell, ...], ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class NamedColumn:
    """The cells that a request gives for one column."""

    name: str
    cells: tuple[object, ...]


def check(contract: FeatureContract, given: tuple[NamedColumn, ...]) -> Batch:
    """Return the rows of a request, every cell checked against the contract.

    A nullable column may be left out; it is missing in every row then.

    Raises:
        BadInput: a missing, unknown or doubled column, columns of unequal length, no rows or too
            many, a value of the wrong type, missing where it must not be, not finite, out of
            range, or not among the allowed ones. The error names the column.
    """
    check_names(contract, tuple(column.name for column in given))
    by_name = {column.name: column.cells for column in given}
    _check_lengths(contract, by_name)
    count = len(given[0].cells)
    columns, unknown = [], []
    for rule in contract.features:
        cells = [
            _cell(rule.column, value) for value in by_name.get(rule.column.name, (None,) * count)
        ]
        columns.append(cells)
        if rule.known:
            unknown += _strangers(rule, cells)
    return Batch(tuple(zip(*columns, strict=True)), tuple(unknown))


def check_names(contract: FeatureContract, names: tuple[str, ...]) -> None:
    """Check which columns a request has, in time linear in its size.

    Raises:
        BadInput: an unknown, doubled or missing column.
    """
    wanted = contract.names
    strange = next((name for name in names if name not in wanted), None)
    if strange is not None:
        near = difflib.get_close_matches(strange, wanted, n=1, cutoff=0.0)[0]
        raise BadInput("no such column", where=shown(strange), remedy=f"Nearest: {near}")
    if len(names) != len(set(names)):
        doubled = next(name for name in wanted if names.count(name) > 1)
        raise BadInput("the column is there twice", where=doubled)
    required = [rule.column.name for rule in contract.features if not rule.column.nullable]
    missing = [name for name in required if name not in names]
    if missing or not names:
        missing = missing or list(wanted)
        remedy = f"Send every one of: {', '.join(required or wanted)}"
        raise BadInput("a column is missing", where=missing[0], remedy=remedy)


def _check_lengths(contract: FeatureContract, by_name: dict[str, tuple[object, ...]]) -> None:
    lengths = {name: len(cells) for name, cells in by_name.items()}
    first = next(iter(lengths))
    other = next((name for name in lengths if lengths[name] != lengths[first]), None)
    if other is not None:
        told = f"{first}: {lengths[first]}, {other}: {lengths[other]}"
        raise BadInput("columns of unequal length", where=other, value=told)
    if lengths[first] == 0:
        raise BadInput("the request has no rows", remedy="Send at least one")
    if lengths[first] > contract.max_rows:
        remedy = f"Send at most {contract.max_rows} at a time"
        raise BadInput("too many rows", value=lengths[first], remedy=remedy)


def _cell(column: Column, value: object) -> Cell:
    if value is None:
        if not column.nullable:
            raise BadInput("a value is missing", where=column.name, remedy="It is required")
        return None
    if column.type is ColumnType.CATEGORY:
        return _category(column, value)
    if column.type is ColumnType.BOOLEAN:
        if not isinstance(value, int) or value not in {0, 1}:
            raise _wrong(column, value, "true or false")
        return bool(value)
    return _number(column, value)


def _category(column: Column, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _wrong(column, value, "text")
    text = str(value)
    allowed = tuple(str(item) for item in column.allowed)
    if allowed and text not in allowed:
        remedy = f"Allowed: {', '.join(allowed)}"
        raise BadInput("not an allowed value", where=column.name, value=shown(text), remedy=remedy)
    return text


def _number(column: Column, value: object) -> int | float:
    is_whole = column.type is ColumnType.INTEGER
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(column, value, "a whole number" if is_whole else "a number")
    if isinstance(value, float) and not math.isfinite(value):
        remedy = "Send null for what is missing" if column.nullable else "It is required"
        raise BadInput("not a finite number", where=column.name, value=value, remedy=remedy)
    _check_range(column, value)
    if is_whole and (value != int(value) or abs(value) > _MAX_EXACT):
        raise _wrong(column, value, "a whole number")
    return int(value) if is_whole else float(value)


def _check_range(column: Column, value: float) -> None:
    if column.minimum is not None and value < column.minimum:
        raise _outside(column, value)
    if column.maximum is not None and value > column.maximum:
        raise _outside(column, value)
    if abs(value) > _MAX_NUMBER:
        raise _outside(column, value)
    numbers = {float(item) for item in column.allowed if not isinstance(item, str)}
    if numbers and value not in numbers:
        remedy = f"Allowed: {', '.join(f'{number:g}' for number in sorted(numbers))}"
        raise BadInput("not an allowed value", where=column.name, value=value, remedy=remedy)


def _strangers(rule: FeatureRule, cells: list[Cell]) -> list[str]:
    strange = {str(cell) for cell in cells if cell is not None} - set(rule.known)
    return [f"{rule.column.name}={shown(text)}" for text in sorted(strange)]


def _wrong(column: Column, value: object, wanted: str) -> BadInput:
    return BadInput(f"not {wanted}", where=column.name, value=shown(value))


def _outside(column: Column, value: float) -> BadInput:
    low = "-∞" if column.minimum is None else f"{column.minimum:g}"
    high = "∞" if column.maximum is None else f"{column.maximum:g}"
    remedy = f"Allowed: {low} to {high}"
    return BadInput("out of range", where=column.name, value=shown(value), remedy=remedy)


def shown(value: object) -> str:
    """Return what a client sent as short text that any answer can carry."""
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return text.encode("utf-8", "backslashreplace").decode()
