"""Confusion matrices of groups, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from include.evaluation.fairness.records import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "(missing)"
CROSS = " x "


@dataclass(frozen=True)
class Confusion:
    """How rows of one group were answered: selected or not, rightly or not."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def rows(self) -> int:
        """All rows of the group."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    def fraction(self, measure: Measure) -> tuple[int, int]:
        """Return numerator and denominator of a rate."""
        tp, fp = self.true_positive, self.false_positive
        tn, fn = self.true_negative, self.false_negative
        return {
            Measure.SELECTION: (tp + fp, self.rows),
            Measure.TRUE_POSITIVE: (tp, tp + fn),
            Measure.FALSE_POSITIVE: (fp, fp + tn),
            Measure.TRUE_NEGATIVE: (tn, fp + tn),
            Measure.FALSE_NEGATIVE: (fn, tp + fn),
            Measure.PRECISION: (tp, tp + fp),
            Measure.NEGATIVE_PREDICTIVE_VALUE: (tn, tn + fn),
            Measure.ACCURACY: (tp + tn, self.rows),
        }[measure]


@dataclass(frozen=True)
class Counted:
    """One group of one attribute, counted."""

    attribute: str
    name: str
    is_unknown: bool
    confusion: Confusion


def count(
    attributes: pd.DataFrame,
    outcome: tuple[np.ndarray, np.ndarray],
    intersections: Sequence[Sequence[str]] = (),
) -> tuple[Counted, ...]:
    """Return a confusion matrix for each value of each attribute and of each intersection.

    Args:
        attributes: One column a protected attribute, shape (n, attributes). A missing value makes
            a group of its own, so that nobody is left out of the counts.
        outcome: What happened and what was said, both boolean of shape (n,).
        intersections: Columns to cross, each a set of two or more.
    """
    actual, selected = (np.asarray(part, dtype=bool) for part in outcome)
    cell = actual.astype(np.int64) * 2 + selected
    wanted = [(column,) for column in attributes.columns] + [tuple(i) for i in intersections]
    return tuple(group for columns in wanted for group in _groups(attributes, columns, cell))


def _groups(attributes: pd.DataFrame, columns: tuple[str, ...], cell: np.ndarray) -> list[Counted]:
    codes, names, unknown = _coded(attributes, columns)
    table = np.bincount(codes * 4 + cell, minlength=len(names) * 4).reshape(-1, 4)
    return [
        Counted(
            attribute=CROSS.join(columns),
            name=names[place],
            is_unknown=unknown[place],
            confusion=Confusion(int(row[3]), int(row[1]), int(row[0]), int(row[2])),
        )
        for place, row in enumerate(table)
        if row.sum()
    ]


def _coded(
    attributes: pd.DataFrame, columns: tuple[str, ...]
) -> tuple[np.ndarray, list[str], list[bool]]:
    """Return the group of each row, and name and unknownness of each possible group."""
    codes = np.zeros(len(attributes), dtype=np.int64)
    names, unknown = [""], [False]
    for column in columns:
        found = pd.Categorical(attributes[column])
        values = [_text(value) for value in found.categories]
        own = np.where(found.codes < 0, len(values), found.codes)
        codes = codes * (len(values) + 1) + own
        names = [
            CROSS.join(filter(None, (name, value)))
            for name in names
            for value in (*values, UNKNOWN)
        ]
        unknown = [was or value is None for was in unknown for value in (*values, None)]
    return codes, names, unknown


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
