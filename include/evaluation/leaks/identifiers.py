"""A feature that names the row: it is learnt by heart and worth nothing for the next row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.leaks.records import Leak, LeakKind
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from include.spec.model import Column

NEARLY_ALL = 0.98
FEWEST_ROWS = 100
_NAMING = frozenset({ColumnType.INTEGER, ColumnType.CATEGORY})


def identifiers(table: pd.DataFrame, features: Sequence[Column]) -> Iterator[Leak]:
    """Yield the integer and category features that have another value in nearly each row."""
    if len(table) < FEWEST_ROWS:
        return
    for column in features:
        share = table[column.name].nunique() / len(table)
        if column.type in _NAMING and share >= NEARLY_ALL:
            words = f"{column.name} has another value in {share:.1%} of the rows"
            yield Leak(
                kind=LeakKind.IDENTIFIER, columns=(column.name,), words=words, strength=share
            )
