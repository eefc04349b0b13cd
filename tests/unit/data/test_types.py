"""What the text of a cell means."""

from __future__ import annotations

import pytest

from include.data.types import converter, is_date
from include.spec.model import Column


def column(kind: str, **more: object) -> Column:
    whole = {"name": "x", "type": kind, "role": "feature", "available_at": "application", **more}
    return Column.model_validate(whole)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", " 12 ", 12),
        ("integer", "-3.0", -3),
        ("integer", "1.5", "1.5"),
        ("integer", "9007199254740993", "9007199254740993"),
        ("integer", "1e3", "1e3"),
        ("number", "1e3", 1000.0),
        ("number", ".5", 0.5),
        ("number", "1,5", "1,5"),
        ("number", "nan", "nan"),
        ("number", "inf", "inf"),
        ("number", "1e999", "1e999"),
        ("number", "1_000", "1_000"),
        ("number", "\u0661", "\u0661"),
        ("boolean", "1", True),
        ("boolean", "0.0", False),
        ("boolean", "TRUE", True),
        ("boolean", "yes", "yes"),
        ("category", " north ", "north"),
        ("category", "NA", "NA"),
        ("date", "2026-02-28", "2026-02-28"),
    ],
)
def test_text_becomes_a_value_or_stays_text(kind: str, text: str, value: object) -> None:
    found = converter(column(kind))(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("kind", ["integer", "number", "category", "boolean", "date"])
def test_empty_cell_is_a_missing_value(kind: str) -> None:
    convert = converter(column(kind))
    assert [convert(cell) for cell in ("", "  ", None)] == [None, None, None]


def test_codes_are_one_however_they_are_written() -> None:
    convert = converter(column("category", allowed=[1, 2]))
    assert [convert(text) for text in ("1", "1.0", "01", "x")] == ["1", "1", "1", "x"]
    assert converter(column("category", allowed=["01", "1"]))("01") == "01"


@pytest.mark.parametrize(
    ("text", "known"), [("2024-02-29", True), ("2026-02-29", False), ("26-1-1", False)]
)
def test_date_is_a_day_of_the_calendar(text: str, known: bool) -> None:
    assert is_date(text) is known
