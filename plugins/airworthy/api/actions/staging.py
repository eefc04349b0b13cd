"""Moves the stages of rollouts, and takes the looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.plans import StageRecord, StageState
from include.client.messages.rollouts import RolloutState
from include.decisions.staging import StageMatter, check_stage_answer
from include.errors import Conflict, FencedOut, NotFound
from include.rollout.clearing import (
    ENDED,
    OPTIONS,
    WATCHED,
    why_no_move,
    why_not_concluded,
)
from include.rollout.planning import stage_name
from include.rollout.progress import progress_of
from include.rollout.safety import check_not_stopped
from plugins.airworthy.api.actions.stopping import LONGEST

if TYPE_CHECKING:
    from include.client.messages.plans import LookAtStage, MoveStage
    from include.client.messages.rollouts import Rollout
    from plugins.airworthy.api.storage.work import Work

_ANSWERS = {state: answer for answer, state in OPTIONS.items()}


def move(work: Work, rollout_id: str, index: int, message: MoveStage) -> Rollout:
    """Move a stage; the same move again changes nothing and answers the same.

    Raises:
        NotFound: There is no such rollout.
        Forbidden: A workload of another run.
        FencedOut: The token is not the rollout's.
        StopRequested: People asked the rollout to stop, and this would lead further.
        Conflict: The stage is not due, what was seen is no ground for it, or people did not say
            so.
    """
    rollout = _held(work, rollout_id, message.fencing_token)
    if index < len(rollout.stages) and rollout.stages[index].state is message.state:
        return rollout
    if message.state is not StageState.FAILED:
        check_not_stopped(rollout)
    _check(rollout, index, message.state)
    record = _record(work, rollout, index, message)
    moved = rollout.model_copy(
        update={"state": RolloutState.STAGED, "stages": (*rollout.stages[:index], record)}
    )
    work.rollouts.put(moved)
    _tell(work, moved, record)
    return moved


def look(work: Work, rollout_id: str, index: int, message: LookAtStage) -> Rollout:
    """Keep the latest look at a stage that is watched; at another one it changes nothing.

    Raises:
        NotFound: There is no such rollout.
        Forbidden: A workload of another run.
        FencedOut: The token is not the rollout's.
    """
    rollout = _held(work, rollout_id, message.fencing_token)
    is_current = bool(rollout.stages) and rollout.stages[-1].index == index
    if is_current and rollout.stages[-1].state in WATCHED:
        work.rollouts.look(rollout_id, index, message.seen, work.now)
        return work.rollouts.get(rollout_id) or rollout
    return rollout


def wanted(work: Work, rollout: Rollout, revision: int) -> None:
    """Note under which revision of its endpoint the current stage is watched."""
    record = rollout.stages[-1]
    if record.revision == revision or record.state in ENDED:
        return
    changed = record.model_copy(update={"revision": revision})
    work.rollouts.put(rollout.model_copy(update={"stages": (*rollout.stages[:-1], changed)}))
    told = f"{_name(rollout, record.index)}: revision {revision}"
    work.tell(Occurrence("rollout.stage_wanted", "rollout", rollout.id, code=told))


def _held(work: Work, rollout_id: str, token: int) -> Rollout:
    rollout = _one(work, rollout_id)
    work.endpoints.hold("endpoint", rollout.endpoint)
    rollout = _one(work, rollout_id)
    check_run(work.caller, rollout.run)
    if token != rollout.fencing_token:
        raise FencedOut(
            "not the token of the rollout",
            where=f"rollout {rollout.id}",
            value=token,
            remedy="Read the rollout again",
        )
    return rollout


def _one(work: Work, rollout_id: str) -> Rollout:
    found = work.rollouts.get(rollout_id)
    if found is None:
        raise NotFound(f"no rollout {rollout_id}", remedy="List the rollouts")
    return found


def _check(rollout: Rollout, index: int, state: StageState) -> None:
    fault = why_no_move(rollout.plan, progress_of(rollout), index, state)
    if not fault and state is StageState.OBSERVED and not rollout.stages[index].revision:
        fault = "its split was not wanted yet"
    _refuse(rollout, index, state, fault)


def _refuse(rollout: Rollout, index: int, state: StageState, fault: str) -> None:
    if fault:
        raise Conflict(
            f"stage {index} does not become {state}: {fault}",
            where=f"rollout {rollout.id}",
            value=str(state),
            remedy="Read the rollout again; its stages are cleared one after the other",
        )


def _record(work: Work, rollout: Rollout, index: int, message: MoveStage) -> StageRecord:
    if message.state is StageState.APPLIED:
        return StageRecord(
            index=index,
            state=message.state,
            revision=0,
            began_at=work.now,
            reason=message.reason,
        )
    record = rollout.stages[index]
    seen = message.seen or record.seen
    fault = why_not_concluded(rollout.plan.stages[index], record.state, message.state, seen)
    _refuse(rollout, index, message.state, fault)
    decision = message.decision_id or record.decision_id
    change: dict[str, object] = {
        "state": message.state,
        "reason": message.reason,
        "decision_id": decision,
    }
    if record.state is StageState.UNDECIDED:
        _check_said(work, rollout, record, message)
        seen = record.seen
    if message.state is StageState.EXTENDED:
        # Watched anew: the split has to be wanted again, under a revision of its own.
        change["revision"] = 0
    if message.state in ENDED:
        change["ended_at"] = work.now
    return record.model_copy(update={**change, "seen": seen})


def _check_said(work: Work, rollout: Rollout, record: StageRecord, message: MoveStage) -> None:
    """Let pass what people said; going back needs nobody's word."""
    if record.seen is None or (message.state is StageState.FAILED and not message.decision_id):
        return
    matter = StageMatter(rollout.id, record.index, record.seen, rollout.run)
    decision = work.decisions.fresh(message.decision_id) if message.decision_id else None
    check_stage_answer(decision, matter, _ANSWERS[message.state])


def _tell(work: Work, rollout: Rollout, record: StageRecord) -> None:
    name = _name(rollout, record.index)
    told = f"{name}: {record.reason}" if record.reason else name
    work.tell(
        Occurrence(
            f"rollout.stage_{record.state}",
            "rollout",
            rollout.id,
            code=f"stage {record.index}",
            reason=told[:LONGEST],
        )
    )


def _name(rollout: Rollout, index: int) -> str:
    return stage_name(rollout.plan.stages[index])
