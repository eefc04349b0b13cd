"""What was live when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import gaps, moment

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence

ID = "deployments"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    table = Table(
        title="Versions with all the traffic of an endpoint, oldest first",
        columns=("endpoint", "version", "from", "until", "by a rollout of kind", "rollout"),
        rows=tuple(
            (one.endpoint, one.version, moment(one.since), moment(one.until), one.kind,
             one.rollout_id)
            for one in evidence.deployments
        ),
    )  # fmt: skip
    earlier = Missing(
        what="what was live before: the control plane lists the newest 500 rollouts",
        remedy="Read earlier promotions from the audit trail",
    )
    return Section(
        id=ID,
        title="Deployments",
        tables=(table,),
        gaps=gaps(ID, earlier) if "rollouts" in evidence.cut else (),
    )
