"""What the model is for, whose it is, how much harm it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section
from include.compliance.sections.parts import facts, gaps, listed, moment

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.compliance.records import Fact
    from include.spec.model import CompiledSpec

ID = "identity"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    version, compiled = evidence.version, evidence.documents.spec
    known = facts(
        model=version.model,
        version=version.version,
        registered=moment(version.registered_at),
        training_run=f"{version.run.dag_id} {version.run.run_id}",
        MLflow_run=version.mlflow_run_id or None,
    )
    declared = () if isinstance(compiled, Missing) else _declared(compiled)
    return Section(
        id=ID,
        title="Purpose, owner, materiality",
        facts=(*declared, *known),
        sources=() if isinstance(compiled, Missing) else ("spec",),
        gaps=gaps(ID, compiled),
    )


def _declared(compiled: CompiledSpec) -> tuple[Fact, ...]:
    spec = compiled.spec
    return facts(
        title=spec.title,
        purpose=spec.purpose.strip(),
        owner=f"{spec.owner.team} ({spec.owner.email})",
        materiality=spec.materiality,
        task=spec.task.value,
        target=spec.data.target.name,
        tags=listed(spec.tags),
        environment=compiled.environment,
    )
