"""How versions reached traffic: stages with verdict, split and samples; who went back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import gaps, moment, yes

if TYPE_CHECKING:
    from include.client.messages.plans import StageRecord
    from include.client.messages.rollouts import Rollout
    from include.compliance.evidence import Evidence
    from include.compliance.records import Cell

ID = "rollouts"
ROLLOUTS = ("opened", "version", "beside", "kind", "state", "ended", "ended by", "reason",
            "approval needed", "decision", "stop asked by", "why", "plan", "id")  # fmt: skip
STAGES = ("version", "stage", "state", "verdict", "in words", "wanted %", "observed %",
          "requests to it", "requests beside it", "seconds", "began", "ended", "decision",
          "reason", "revision", "rollout")  # fmt: skip


def section(evidence: Evidence) -> Section:
    """Return the section."""
    tables = (
        Table(title="Rollouts, oldest first", columns=ROLLOUTS,
              rows=tuple(_rollout(evidence, one) for one in evidence.rollouts)),
        Table(title="Their stages", columns=STAGES,
              rows=tuple(_stage(r, s) for r in evidence.rollouts for s in r.stages)),
        _signals(evidence),
        _rollbacks(evidence),
        _events(evidence),
    )  # fmt: skip
    return Section(
        id=ID,
        title="Rollout history",
        tables=tables,
        notes=("A rollout that ended after the date is shown as it stands now.",),
        gaps=gaps(ID, *_missing(evidence)),
    )


def _rollout(evidence: Evidence, one: Rollout) -> tuple[Cell, ...]:
    events, stop = evidence.events.get(one.id, ()), one.stop
    ended_by = events[-1].actor if one.ended_at and events else None
    return (
        moment(one.opened_at), one.version, one.stable_version or None, one.plan.kind,
        one.state.value, moment(one.ended_at), ended_by, one.reason or None,
        yes(one.approval_required), one.decision_id or None,
        stop.by if stop else None, stop.reason if stop else None, one.plan_digest, one.id,
    )  # fmt: skip


def _stage(rollout: Rollout, record: StageRecord) -> tuple[Cell, ...]:
    stage, seen = rollout.plan.stages[record.index], record.seen
    told = (
        (seen.verdict.value, seen.words, stage.percent, seen.observed_percent,
         seen.candidate_requests, seen.stable_requests, seen.seconds)
        if seen
        else (None, None, stage.percent, None, None, None, None)
    )  # fmt: skip
    return (
        rollout.version, f"{stage.kind} {stage.percent} %", record.state.value, *told,
        moment(record.began_at), moment(record.ended_at), record.decision_id or None,
        record.reason or None, record.revision, rollout.id,
    )  # fmt: skip


def _signals(evidence: Evidence) -> Table:
    columns = ("version", "stage", "signal", "verdict", "in words", "value", "lower", "upper",
               "limit", "samples", "needed")  # fmt: skip
    rows = tuple(
        (r.version, s.index, one.name, one.verdict.value, one.words, one.value, one.lower,
         one.upper, one.limit, one.samples, one.needed)
        for r in evidence.rollouts
        for s in r.stages
        if s.seen
        for one in s.seen.signals
    )  # fmt: skip
    return Table(title="What each signal said last", columns=columns, rows=rows)


def _rollbacks(evidence: Evidence) -> Table:
    rows = tuple(
        (moment(b.at), b.kind, b.from_version, b.version or None, b.by, b.reason,
         b.rollout_id or None, moment(b.closed_at))
        for b in evidence.rollbacks
    )  # fmt: skip
    columns = ("asked", "kind", "from", "back to", "by", "reason", "rollout", "carried out")
    return Table(title="Requests to go back", columns=columns, rows=rows)


def _events(evidence: Evidence) -> Table:
    rows = tuple(
        (moment(e.at), e.action, e.actor_kind, e.actor, e.authn, e.outcome, e.reason or None, e.id)
        for rollout in evidence.rollouts
        if rollout.version == evidence.version.version
        for e in evidence.events.get(rollout.id, ())
    )
    columns = ("at", "action", "kind of actor", "actor", "authenticated", "outcome", "reason", "id")
    return Table(title="Audit events of this version's rollouts", columns=columns, rows=rows)


def _missing(evidence: Evidence) -> list[Missing]:
    missing = []
    if "rollouts" in evidence.cut:
        what = "older rollouts: the control plane lists the newest 500"
        missing.append(Missing(what=what, remedy="Read them from the audit trail"))
    unseen = [
        f"{r.version} stage {s.index}"
        for r in evidence.rollouts
        for s in r.stages
        if s.ended_at and s.seen is None
    ]
    if unseen:
        what = f"stages that ended without a look: {', '.join(unseen)}"
        missing.append(Missing(what=what, remedy="See the audit events for why they ended"))
    return missing
