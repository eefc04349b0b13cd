"""Whether predictions mean what they say, and how the leading metric differs between parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import facts, gaps

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.compliance.records import Fact
    from include.evaluation.records import Calibration, Slice

ID = "calibration"
TITLE = "Calibration and slices"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    report = evidence.documents.evaluation
    if isinstance(report, Missing):
        return Section(id=ID, title=TITLE, gaps=gaps(ID, report))
    found = report.calibration
    missing = []
    if found is None:
        remedy = "Train again: the present evaluate step measures it"
        missing.append(Missing(what="the evaluation holds no calibration", remedy=remedy))
    if not report.slices:
        remedy = "Name columns in `evaluation.slices` of the spec"
        missing.append(Missing(what="no slices were measured", remedy=remedy))
    tables = (*(() if found is None else (_bins(found),)), *_slices(report.slices))
    return Section(
        id=ID,
        title=TITLE,
        facts=() if found is None else _facts(found),
        tables=tables,
        sources=("evaluate/report",),
        gaps=gaps(ID, *missing),
    )


def _facts(found: Calibration) -> tuple[Fact, ...]:
    return facts(
        calibration_error=found.error,
        error_lower=found.error_lower,
        error_upper=found.error_upper,
        slope=found.slope,
        slope_lower=found.slope_lower,
        slope_upper=found.slope_upper,
        level=found.level,
    )


def _bins(found: Calibration) -> Table:
    return Table(
        title="Predictions beside what happened",
        columns=("rows", "mean prediction", "mean of what happened"),
        rows=tuple((one.rows, one.said, one.happened) for one in found.bins),
    )


def _slices(slices: tuple[Slice, ...]) -> tuple[Table, ...]:
    if not slices:
        return ()
    rows = tuple(
        (s.column, s.part, s.metric, s.rows, s.value, s.lower, s.upper, s.verdict.value)
        for s in slices
    )
    columns = ("column", "part", "metric", "rows", "value", "lower", "upper", "verdict")
    return (Table(title="The leading metric in parts of the window", columns=columns, rows=rows),)
