"""Looks at a CSV file column by column, to draft a data contract from it (`spec new`)."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_DISTINCT = 50
_FEWEST_ROWS_FOR_A_TWIN = 20
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_WORDS_FOR_NOTHING = {"na", "n/a", "nan", "null", "none"}
_BOOLEANS = ({"0", "1"}, {"true", "false"}, {"0"}, {"1"}, {"true"}, {"false"})


@dataclass
class Surveyed:
    """What was seen of one column.

    ``distinct`` stops growing once there are too many values. ``words`` counts cells such as `NA`:
    they do not decide the type, but only an empty cell is a missing value.
    """

    name: str
    rows: int = 0
    missing: int = 0
    words: int = 0
    distinct: set[str] = field(default_factory=set)
    is_integer: bool = True
    is_number: bool = True
    is_date: bool = True
    increases: bool = True
    low: float = float("inf")
    high: float = float("-inf")

    def add(self, text: str) -> None:
        """Take one value into account."""
        self.rows += 1
        value = text.strip()
        if not value or value.lower() in _WORDS_FOR_NOTHING:
            self.missing += not value
            self.words += bool(value)
            self.increases = False
            return
        if len(self.distinct) <= _MOST_DISTINCT:
            self.distinct.add(value)
        self.is_integer = self.is_integer and _INTEGER.fullmatch(value) is not None
        self.is_date = self.is_date and _is_date(value)
        self._add_number(value)

    @property
    def type(self) -> str:
        """The narrowest type that fits every value seen."""
        if {value.lower() for value in self.distinct} in _BOOLEANS:
            return "boolean"
        if not self.distinct or not (self.is_date or self.is_number):
            return "category"
        if self.is_date:
            return "date"
        return "integer" if self.is_integer else "number"

    @property
    def is_key(self) -> bool:
        """Whether it looks like a running number."""
        return self.is_integer and self.increases and self.rows > 1

    @property
    def has_many_values(self) -> bool:
        """Whether there are too many values to list."""
        return len(self.distinct) > _MOST_DISTINCT

    def _add_number(self, value: str) -> None:
        try:
            number = float(value) if self.is_number else float("nan")
        except ValueError:
            number = float("nan")
        self.is_number = self.is_number and math.isfinite(number)
        self.increases = self.increases and number > self.high
        if self.is_number:
            self.low, self.high = min(self.low, number), max(self.high, number)


@dataclass(frozen=True)
class Survey:
    """What was seen of a file; ``twins`` are columns that hold the target, as such or reversed."""

    columns: tuple[Surveyed, ...]
    target: Surveyed
    twins: frozenset[str]


def survey(path: Path, target: str) -> Survey:
    """Read a CSV file once and return what was seen.

    Raises:
        BadInput: no such file or column, not UTF-8, no rows, a ragged row, an empty or double name.
    """
    rows = _rows(path)
    names = [name.strip() for name in next(rows, [])]
    _check_names(path, names, target)
    columns = [Surveyed(name) for name in names]
    pairs: list[set[tuple[str, str]]] = [set() for _ in names]
    goal = names.index(target)
    for row in rows:
        for index, text in enumerate(row):
            columns[index].add(text)
            if len(pairs[index]) <= _MOST_DISTINCT:
                pairs[index].add((text, row[goal]))
    if not columns[goal].rows:
        raise BadInput("there are no rows", where=str(path))
    enough = columns[goal].rows >= _FEWEST_ROWS_FOR_A_TWIN
    twins = (names[i] for i, seen in enumerate(pairs) if enough and i != goal and _is_twin(seen))
    return Survey(tuple(columns), columns[goal], frozenset(twins))


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            width = 0
            for row in reader:
                if width and row and len(row) != width:
                    what = f"a row of {len(row)} values, not {width}"
                    raise BadInput(what, where=f"{path}:{reader.line_num}")
                width = width or len(row)
                if row:
                    yield row
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise BadInput("not UTF-8", where=str(path), remedy="Convert it first") from error
    except csv.Error as error:
        raise BadInput(f"not CSV: {error}", where=str(path)) from error


def _check_names(path: Path, names: list[str], target: str) -> None:
    if not names:
        raise BadInput("the file is empty", where=str(path))
    if "" in names or len(set(names)) < len(names):
        double = next(name for name in names if not name or names.count(name) > 1)
        raise BadInput("a column without a name of its own", where=f"{path}:1", value=double)
    reserved = next((name for name in names if name.startswith("_")), None)
    if reserved is not None:
        remedy = "Names that begin with an underscore are ours; rename the column"
        raise BadInput("a reserved name", where=f"{path}:1", value=reserved, remedy=remedy)
    if target not in names:
        remedy = f"The columns are: {', '.join(names)}"
        raise BadInput("no such column", where=f"{path}:1", value=target, remedy=remedy)


def _is_twin(pairs: set[tuple[str, str]]) -> bool:
    """Tell whether each value goes with one target value and the other way round."""
    few = 1 < len(pairs) <= _MOST_DISTINCT
    return few and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == len("2026-01-31")
