"""What the declared gates said, and who let a version in that they did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import facts, gaps, listed, moment

if TYPE_CHECKING:
    from include.client.messages.registry import Version
    from include.compliance.evidence import Evidence
    from include.compliance.records import Fact
    from include.evaluation.report import GateReport
    from include.spec.model import CompiledSpec

ID = "gates"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    version, held = evidence.version, evidence.documents
    cited = {"spec": held.spec, "gate/report": held.gates}
    unjudged = Missing(
        what="the version was registered without a gate",
        remedy="Declare `gates` in the spec and train again",
    )
    return Section(
        id=ID,
        title="Gates",
        facts=_facts(version, held.gates),
        tables=(*_declared(held.spec), _said(version)),
        sources=tuple(name for name, one in cited.items() if not isinstance(one, Missing)),
        gaps=gaps(ID, held.gates, held.spec, *(() if version.gates else (unjudged,))),
    )


def _facts(version: Version, found: GateReport | Missing) -> tuple[Fact, ...]:
    overall = facts() if isinstance(found, Missing) else facts(overall=found.overall.value)
    override = version.override
    if override is None:
        return (*overall, *facts(override="none: registered on its gates alone"))
    return (
        *overall,
        *facts(
            override=override.words,
            overridden_gates=listed(override.gates),
            overridden_by=override.by,
            overridden_at=moment(override.at),
            reason_of_the_override=override.reason,
            decision=override.decision_id,
        ),
    )


def _declared(compiled: CompiledSpec | Missing) -> tuple[Table, ...]:
    if isinstance(compiled, Missing):
        return ()
    rows = tuple(
        (g.name, g.kind.value, g.subject, g.at_least, g.at_most, g.margin)
        for g in compiled.spec.gates
    )
    columns = ("gate", "kind", "looks at", "at least", "at most", "margin")
    return (Table(title="Declared before data was seen", columns=columns, rows=rows),)


def _said(version: Version) -> Table:
    return Table(
        title="What they said",
        columns=("gate", "verdict", "comparison"),
        rows=tuple((g.name, g.verdict.value, g.message) for g in version.gates),
    )
