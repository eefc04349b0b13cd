"""How often each protected group was given the favourable answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statsmodels.stats.proportion import proportion_confint

from include.evaluation.report import GroupSelection
from include.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MINIMUM_ROWS = 10
MISSING = "(missing)"


def selection(
    protected: pd.DataFrame, selected: np.ndarray, level: float
) -> tuple[GroupSelection, ...]:
    """Return the selection rate of each group with its Wilson interval (Wilson 1927).

    Args:
        protected: One column a protected attribute, shape (n, attributes).
        selected: Whether each row was given the favourable answer, shape (n,), boolean.
        level: Confidence level of the intervals.

    Returns:
        One entry a column and value. A group of fewer than ``MINIMUM_ROWS`` rows has the verdict
        ``no_data`` and no rate: it says nothing, in either direction.
    """
    groups = []
    for column in protected.columns:
        values = protected[column].astype("object").where(protected[column].notna(), MISSING)
        for value in sorted(values.unique(), key=str):
            members = (values == value).to_numpy()
            groups.append(_group(column, str(value), selected[members], level))
    return tuple(groups)


def _group(column: str, value: str, selected: np.ndarray, level: float) -> GroupSelection:
    rows, count = len(selected), int(selected.sum())
    rate: float | None = None
    lower: float | None = None
    upper: float | None = None
    if rows >= MINIMUM_ROWS:
        rate = count / rows
        low, high = proportion_confint(count, rows, alpha=1 - level, method="wilson")
        lower, upper = float(low), float(high)
    return GroupSelection(
        column=column,
        group=value,
        rows=rows,
        selected=count,
        verdict=Verdict.NO_DATA if rate is None else Verdict.PASS,
        rate=rate,
        lower=lower,
        upper=upper,
    )
