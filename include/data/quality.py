"""The quality score of a batch.

``score = completeness * validity * uniqueness * consistency``, where for a batch of n rows

- completeness is the share of rows that lack no required value,
- validity is the share of rows with no value of another type, outside its range or unknown,
- uniqueness is the share of rows that repeat no earlier row (by key, or by content without one),
- consistency is the share of the spec's statistical expectations met by the good rows; 1 if the
  spec names none.

A product, because a batch is only as good as all four together: with one half of it wrong, no
perfection elsewhere makes up for that. The dimensions are those of the DAMA UK working group (2013)
that can be measured on a batch alone.

Beside them stands stability, the share of the columns that did not drift from what the live version
was trained on. It is no factor: a batch of good rows may come from a changed world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.data import row_key
from include.data.report import Kind, QualityScore
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.data.report import DriftReport, ExpectationResult, Violation
    from include.data.rows import Rows

_INVALID = frozenset({Kind.TYPE, Kind.RANGE, Kind.UNKNOWN_CATEGORY})
_PLACES = 6


def score(
    rows: Rows, violations: Sequence[Violation], expectations: Sequence[ExpectationResult]
) -> QualityScore:
    """Return the quality score of at least one row; see the module for the formula."""
    incomplete = {v.row_key for v in violations if v.kind is Kind.COMPLETENESS}
    invalid = {v.row_key for v in violations if v.kind in _INVALID}
    declared = [one for one in expectations if one.statistic]
    met = sum(one.verdict is Verdict.PASS for one in declared)
    parts = (
        1 - len(incomplete) / len(rows),
        1 - len(invalid) / len(rows),
        1 - repeats(rows) / len(rows),
        met / len(declared) if declared else 1.0,
    )
    product = parts[0] * parts[1] * parts[2] * parts[3]
    rounded = [round(part, _PLACES) for part in (product, *parts)]
    return QualityScore(
        score=rounded[0],
        completeness=rounded[1],
        validity=rounded[2],
        uniqueness=rounded[3],
        consistency=rounded[4],
    )


def stability(drift: DriftReport | None) -> float | None:
    """Return the share of the columns that did not drift; nothing where that is not known."""
    if drift is None or drift.share is None:
        return None
    return round(1 - drift.share, _PLACES)


def repeats(rows: Rows) -> int:
    """Return how many rows repeat an earlier one."""
    return len(rows) - len({row_key.base(key) for key in rows.keys})
