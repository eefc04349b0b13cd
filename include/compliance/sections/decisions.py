"""What people were asked, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import gaps, listed, moment

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence

ID = "decisions"
COLUMNS = ("opened", "kind", "about", "title", "state", "answer", "by", "answered", "reason",
           "options", "default", "roles", "asked for", "digest", "id")  # fmt: skip


def section(evidence: Evidence) -> Section:
    """Return the section."""
    table = Table(
        title="Decisions of this model's runs, oldest first",
        columns=COLUMNS,
        rows=tuple(
            (moment(d.opened_at), d.kind, d.subject, d.title, d.state.value, d.answer or None,
             d.answered_by or None, moment(d.answered_at), d.reason or None, listed(d.options),
             d.default, listed(d.roles), d.asked_by or None, d.subject_digest, d.id)
            for d in evidence.decisions
        ),
    )  # fmt: skip
    return Section(
        id=ID,
        title="Decisions and overrides",
        tables=(table,),
        notes=("A decision without an answer by its deadline means its default.",),
        gaps=gaps(ID, *_cut(evidence), *_unknown(evidence)),
    )


def _cut(evidence: Evidence) -> tuple[Missing, ...]:
    if "decisions" not in evidence.cut:
        return ()
    what = "older decisions: the control plane lists the newest 500"
    return (Missing(what=what, remedy="Read them from the audit trail: `airworthy audit list`"),)


def _unknown(evidence: Evidence) -> list[Missing]:
    known = {one.id for one in evidence.decisions}
    cited = [rollout.decision_id for rollout in evidence.rollouts]
    cited += [stage.decision_id for rollout in evidence.rollouts for stage in rollout.stages]
    cited += [evidence.version.override.decision_id] if evidence.version.override else []
    return [
        Missing(
            what=f"decision {one} is cited and not listed",
            remedy="Ask the control plane: GET /api/v1/decisions/<id>",
        )
        for one in dict.fromkeys(cited)
        if one and one not in known
    ]
