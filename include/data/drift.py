"""Drift of a partition against the training rows of the live version.

A column has drifted where its distance (Evidently) reaches the threshold of the spec and a
two-sample test says that this is no chance (Kolmogorov-Smirnov, or chi-squared on the table of
both; level over the number of columns, Bonferroni). The distance alone calls small partitions
drifted, the test alone large ones.

Importing this module costs seconds; only ``validation`` does, when it comes to that.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from include.data import reference
from include.data.report import ColumnDrift, DriftReport
from include.verdict import Verdict, worst

if TYPE_CHECKING:
    from include.data.reference import ReferenceColumn, ReferenceProfile
    from include.spec.model import Column, Drift, Spec

FEWEST_ROWS = 30
NUMBER, CATEGORY = "wasserstein", "jensenshannon"


def drift(version: str, profile: ReferenceProfile, frame: pd.DataFrame, spec: Spec) -> DriftReport:
    """Return how rows differ from a profile, column by column.

    Args:
        version: The live version.
        profile: What its training rows were like.
        frame: Typed good rows of one partition, shape (n, columns).
        spec: The model's spec.
    """
    columns = {column.name: column for column in spec.data.columns}
    known = [one for one in profile.columns if one.name in columns]
    found = tuple(_column(one, columns[one.name], frame, spec.data.drift) for one in known)
    judged = tuple(_judged(one, spec.data.drift.level / len(found)) for one in found)
    made = DriftReport(
        verdict=worst(one.verdict for one in judged),
        message="",
        champion=version,
        rows=len(frame),
        reference_rows=profile.sampled,
        columns=judged,
    )
    return made.model_copy(update={"message": _sentence(made)})


def _column(
    one: ReferenceColumn, column: Column, frame: pd.DataFrame, limits: Drift
) -> ColumnDrift:
    """Measure one column; the verdict comes once it is known how many there are."""
    is_number = reference.is_number(column)
    then, now = _samples(one, frame[one.name], is_number=is_number)
    if min(len(then), len(now)) < FEWEST_ROWS:
        return ColumnDrift(
            column=one.name,
            statistic="",
            value=None,
            threshold=None,
            p_value=None,
            verdict=Verdict.NO_DATA,
        )
    statistic = NUMBER if is_number else CATEGORY
    return ColumnDrift(
        column=one.name,
        statistic=statistic,
        value=_distance(then, now, statistic),
        threshold=limits.number_distance if is_number else limits.category_distance,
        p_value=_p_value(then, now, is_number=is_number),
        verdict=Verdict.ERROR,
    )


def _samples(
    one: ReferenceColumn, values: pd.Series, *, is_number: bool
) -> tuple[np.ndarray, np.ndarray]:
    if not is_number:
        known = [count.value for count in one.counts]
        then = np.repeat(np.array(known, dtype=object), [count.rows for count in one.counts])
        return then, reference.texts(values)
    then, now = np.array(one.numbers), reference.numbers(values)
    # In units of the reference's deviation, because Evidently takes none below 0.001 for it.
    spread = float(then.std()) if len(then) else 0.0
    return then / (spread or 1.0), now / (spread or 1.0)


def _distance(then: np.ndarray, now: np.ndarray, statistic: str) -> float:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
        from evidently.metrics import ValueDrift  # noqa: PLC0415

        is_number = statistic == NUMBER
        kind = {"numerical_columns": ["value"]} if is_number else {"categorical_columns": ["value"]}
        both = [
            Dataset.from_pandas(pd.DataFrame({"value": values}), DataDefinition(**kind))
            for values in (now, then)
        ]
        run = Report([ValueDrift(column="value", method=statistic)]).run(*both)
    return round(float(run.dict()["metrics"][0]["value"]), 9)


def _p_value(then: np.ndarray, now: np.ndarray, *, is_number: bool) -> float:
    if is_number:
        return float(stats.ks_2samp(then, now, method="asymp").pvalue)
    values = sorted({*then, *now})
    table = [[int((side == value).sum()) for value in values] for side in (then, now)]
    return float(stats.chi2_contingency(table, correction=False).pvalue) if values[1:] else 1.0


def _judged(one: ColumnDrift, level: float) -> ColumnDrift:
    if one.value is None or one.threshold is None or one.p_value is None:
        return one
    verdict = Verdict.PASS
    if one.value >= one.threshold:
        verdict = Verdict.FAIL if one.p_value < level else Verdict.INCONCLUSIVE
    return one.model_copy(update={"verdict": verdict})


def _sentence(made: DriftReport) -> str:
    whole = f"what version {made.champion} was trained on"
    if made.share is None:
        return f"nothing can be told about drift from {whole}: fewer than {FEWEST_ROWS} values"
    if not made.drifted:
        return f"no column has drifted from {whole}"
    names = ", ".join(f"`{name}`" for name in made.drifted)
    return f"{len(made.drifted)} of {len(made.columns)} columns have drifted from {whole}: {names}"
