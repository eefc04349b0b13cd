from __future__ import annotations

import inspect
import re

from include import errors


def subclasses(cls: type[Exception]) -> list[type[Exception]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in subclasses(sub))]


def test_the_drawn_tree_is_the_real_tree() -> None:
    drawn = re.findall(r"^[│ ├└─]*(\w+)", errors.__doc__ or "", re.MULTILINE)
    names = {n for n in drawn if n in dir(errors)}
    ours = {
        c.__name__ for c in subclasses(errors.AirworthyError) if c.__module__ == "include.errors"
    }
    assert names == ours


def test_every_error_is_documented() -> None:
    for cls in subclasses(errors.AirworthyError):
        assert inspect.getdoc(cls)


def test_one_line_says_what_where_value_and_remedy() -> None:
    error = errors.BadInput("row is ragged", where="a.csv:7", value=3, remedy="Quote the comma")
    assert str(error) == "a.csv:7: row is ragged (got 3). Quote the comma"
