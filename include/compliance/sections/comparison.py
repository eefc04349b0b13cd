"""The version beside the one that was live when it was made, on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import facts, gaps

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.evaluation.records import Comparison

ID = "comparison"
TITLE = "Comparison with the champion"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    report = evidence.documents.evaluation
    found = report if isinstance(report, Missing) else report.comparison
    if found is None:
        remedy = "Train again: the present evaluate step compares"
        found = Missing(what="the evaluation holds no comparison", remedy=remedy)
    if isinstance(found, Missing):
        return Section(id=ID, title=TITLE, gaps=gaps(ID, found))
    nothing = ("Nothing was live when this version was evaluated.",)
    return Section(
        id=ID,
        title=TITLE,
        facts=facts(champion=found.version or None, rows_that_both_answered=found.rows),
        tables=(_differences(found),) if found.differences else (),
        notes=() if found.version else nothing,
        sources=("evaluate/report",),
    )


def _differences(found: Comparison) -> Table:
    return Table(
        title="How much better it is; above 0 is better",
        columns=("metric", "this version", "champion", "gain", "lower", "upper"),
        rows=tuple(
            (d.metric, d.candidate, d.champion, d.gain, d.lower, d.upper) for d in found.differences
        ),
    )
