"""What the model goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import facts, gaps

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.evaluation.records import Explanation

ID = "explanations"
TITLE = "What the model goes by"
NOTES = (
    "Attributions say what scores go by, not what causes outcomes; a model can be built to hide "
    "what it goes by, so fairness is judged by outcomes.",
)


def section(evidence: Evidence) -> Section:
    """Return the section."""
    report = evidence.documents.evaluation
    found = report if isinstance(report, Missing) else report.explanations
    if found is None:
        remedy = "Train again: the present evaluate step explains"
        found = Missing(what="the evaluation holds no explanations", remedy=remedy)
    if isinstance(found, Missing):
        return Section(id=ID, title=TITLE, gaps=gaps(ID, found))
    broken = Missing(
        what=f"the attributions are not to be used: verdict {found.verdict.value}",
        remedy="Explain more rows or a larger background (`evaluation.explanations` of the spec)",
    )
    return Section(
        id=ID,
        title=TITLE,
        facts=facts(
            method=found.method,
            output=found.output,
            rows=found.rows,
            background_rows=found.background,
            seed=found.seed,
            mean_score_of_the_background=found.base,
            additivity_residual=found.residual,
            verdict=found.verdict.value,
        ),
        tables=(_features(found),),
        notes=NOTES,
        sources=("evaluate/report",),
        gaps=() if found.verdict.value == "pass" else gaps(ID, broken),
    )


def _features(found: Explanation) -> Table:
    return Table(
        title="Mean absolute attribution, the greatest first",
        columns=("feature", "size", "standard error"),
        rows=tuple((one.column, one.size, one.error) for one in found.features),
    )
