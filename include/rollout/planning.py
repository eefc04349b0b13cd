"""The frozen plan of a rollout: made of the spec, and checked when the rollout begins."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from include import digest
from include.client.messages.plans import PlannedStage, ReleasePlan
from include.errors import BadInput, Conflict

if TYPE_CHECKING:
    from include.spec.model import Spec
    from include.spec.release import Patience

Kind = Literal["first", "canary", "rollback"]
ALL_TRAFFIC = 100


def plan_of(spec: Spec, kind: Kind) -> ReleasePlan:
    """Return the plan of a rollout: one stage with all traffic where nothing is live, none back.

    A rollback is not superseded: who asked for it wants the old version, not a newer one.
    """
    canary = spec.release.canary
    return ReleasePlan(
        kind=kind,
        task=spec.task.value,
        stages=_stages(spec, kind),
        signals=spec.release.signals,
        false_alarms=canary.false_alarms,
        undecided_roles=canary.undecided.roles,
        undecided_seconds=canary.undecided.deadline_hours * 3600,
        newer_version="queue" if kind == "rollback" else spec.release.newer_version,
        serving=spec.serving,
    )


def digest_of(plan: ReleasePlan) -> str:
    """Return the SHA-256 of the canonical JSON of a plan."""
    return digest.of_json(plan.model_dump(mode="json"))


def check(plan: ReleasePlan, live: str, rollback_id: str) -> None:
    """Let pass a plan that fits what is live, and whose stages are a way up to all traffic.

    Raises:
        Conflict: It is for a first release while something is live, or the other way round.
        BadInput: Its stages are no way up, or it goes back without a request or the reverse.
    """
    if (plan.kind == "first") == bool(live):
        raise Conflict(
            f"a plan of kind {plan.kind} while {live or 'nothing'} is live",
            where="plan",
            remedy="Read the endpoint again and plan anew",
        )
    if (plan.kind == "rollback") != bool(rollback_id):
        raise BadInput(
            "a rollback carries out a request, and nothing else does",
            where="rollback_id",
            value=rollback_id,
            remedy="Give the id of the open request exactly with a plan of kind rollback",
        )
    fault = _fault(plan)
    if fault:
        raise BadInput(fault, where="plan", value=_told(plan), remedy="Plan it from the spec")


def stage_name(stage: PlannedStage) -> str:
    """Return the name that people read: ``shadow`` or ``stage_25``."""
    return "shadow" if stage.kind == "shadow" else f"stage_{stage.percent}"


def _fault(plan: ReleasePlan) -> str:
    if plan.kind == "rollback":
        return "a rollback has no stages" if plan.stages else ""
    shadows = [stage for stage in plan.stages if stage.kind == "shadow"]
    weights = [stage.percent for stage in plan.stages if stage.kind == "canary"]
    if plan.kind == "first":
        alone = not shadows and weights == [ALL_TRAFFIC]
        return "" if alone else "a first release has one stage, with all traffic"
    if shadows and (len(shadows) > 1 or plan.stages[0].kind != "shadow"):
        return "one shadow stage, and before all others"
    rising = all(before < after for before, after in pairwise((0, *weights)))
    is_way_up = rising and bool(weights) and weights[-1] == ALL_TRAFFIC
    return "" if is_way_up else "weights have to rise from above 0 and to end with 100"


def _told(plan: ReleasePlan) -> list[str]:
    return [f"{stage.kind} {stage.percent} %" for stage in plan.stages]


def _stages(spec: Spec, kind: Kind) -> tuple[PlannedStage, ...]:
    canary = spec.release.canary
    if kind == "rollback":
        return ()
    if kind == "first":
        return (_stage("canary", ALL_TRAFFIC, spec.release.first_release.patience),)
    mirrored = _stage("shadow", canary.shadow.percent, canary.shadow.patience)
    weighed = tuple(_stage("canary", weight, canary.patience) for weight in canary.weights)
    return (mirrored, *weighed) if canary.shadow.enabled else weighed


def _stage(kind: Literal["shadow", "canary"], percent: int, patience: Patience) -> PlannedStage:
    return PlannedStage(
        kind=kind,
        percent=percent,
        min_requests=patience.min_requests,
        min_seconds=patience.min_seconds,
        deadline_seconds=patience.deadline_minutes * 60,
    )
