"""Alerts, and whether they reached anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import gaps, listed, moment

if TYPE_CHECKING:
    from include.client.messages.alerts import Alert
    from include.compliance.evidence import Evidence

ID = "alerts"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    table = Table(
        title="Alerts of this model, oldest first",
        columns=("raised", "severity", "title", "body", "delivered", "run", "id"),
        rows=tuple(
            (moment(a.raised_at), a.severity, a.title, a.body, _delivered(a),
             f"{a.run.dag_id} {a.run.run_id}", a.id)
            for a in evidence.alerts
        ),
    )  # fmt: skip
    older = Missing(
        what="older alerts: the control plane lists the newest 500",
        remedy="Read them from the audit trail",
    )
    return Section(
        id=ID,
        title="Alerts",
        tables=(table,),
        gaps=gaps(ID, older) if "alerts" in evidence.cut else (),
    )


def _delivered(alert: Alert) -> str | None:
    return listed(f"{one.channel}: {one.state.value}" for one in alert.deliveries)
