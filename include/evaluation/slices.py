"""The leading metric in parts of the test window: where a model is good for some only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from include.evaluation.bootstrap import interval, resamples
from include.evaluation.records import Slice
from include.spec.model import ColumnType, Task
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evaluation.estimates import Outcomes
    from include.evaluation.metrics import Metric
    from include.spec.model import Column, Spec

QUARTERS = 4
FEWEST_ROWS = 30


def slices(
    spec: Spec, frame: pd.DataFrame, outcomes: Outcomes, metric: Metric
) -> tuple[Slice, ...]:
    """Return a metric in each part of each column that the spec names.

    Categories, booleans and numbers of few values are parted by value, other numbers in quarters.

    Args:
        spec: The spec; ``evaluation.slices`` names the columns.
        frame: Rows of the test window, shape (n, columns).
        outcomes: What happened and what was said on them.
        metric: The metric.
    """
    columns = {column.name: column for column in spec.data.columns}
    return tuple(
        _slice(spec, (name, part), rows, outcomes, metric)
        for name in spec.evaluation.slices
        for part, rows in _parts(frame[name], columns[name])
    )


def _parts(values: pd.Series, column: Column) -> list[tuple[str, np.ndarray]]:
    is_number = column.type in {ColumnType.INTEGER, ColumnType.NUMBER}
    if is_number and values.nunique() > 2 * QUARTERS:
        ranges = pd.qcut(values, QUARTERS, duplicates="drop")
        parts = [(str(one), (ranges == one).to_numpy()) for one in ranges.cat.categories]
    else:
        known = sorted(values.dropna().unique(), key=str)
        parts = [(str(one), (values == one).fillna(False).to_numpy(dtype=bool)) for one in known]
    if values.isna().any():
        parts.append(("(missing)", values.isna().to_numpy()))
    return [(part, np.flatnonzero(rows)) for part, rows in parts]


def _slice(
    spec: Spec,
    where: tuple[str, str],
    rows: np.ndarray,
    outcomes: Outcomes,
    metric: Metric,
) -> Slice:
    actual, said = outcomes.actual[rows], outcomes.said[rows]
    value = metric.compute(actual, said) if len(rows) >= FEWEST_ROWS else math.nan
    ends: tuple[float, float] | None = None
    if not math.isnan(value):
        strata = actual if spec.task is Task.CLASSIFICATION else np.zeros(len(rows))
        wanted = spec.evaluation.intervals
        drawn = [
            metric.compute(actual[again], said[again])
            for again in resamples(strata, wanted.resamples, spec.training.seed)
        ]
        ends = interval(np.array(drawn), wanted)
    return Slice(
        column=where[0],
        part=where[1],
        metric=metric.name,
        rows=len(rows),
        verdict=Verdict.NO_DATA if ends is None else Verdict.PASS,
        value=None if ends is None else value,
        lower=ends[0] if ends else None,
        upper=ends[1] if ends else None,
    )
