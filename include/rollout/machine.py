"""The machine of a rollout, pure: what was observed moves it, and its progress says what to do.

It knows no clock, no network and no serving system. The control plane admits moves by the same
rules (``clearing``, ``safety``), Airflow's tasks do what the actions say, and the simulator plays
both sides.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from include.client.messages.base import Message
from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.rollout.clearing import ENDED, OPTIONS, WATCHED, concluded, is_cleared, why_no_move
from include.rollout.states import is_end
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.client.messages.plans import ReleasePlan
    from include.rollout.progress import Progress


class Sight(StrEnum):
    """What can be observed of a rollout and its endpoint."""

    APPROVED = "approved"
    REFUSED = "refused"
    DEPLOYED = "deployed"
    TESTED = "tested"
    APPLIED = "applied"
    SPLIT = "split"
    JUDGED = "judged"
    DEADLINE = "deadline"
    FOREIGN = "foreign"
    CONTINUE = "continue"
    EXTEND = "extend"
    ROLL_BACK = "roll_back"
    UNANSWERED = "unanswered"
    STOP = "stop"
    SUPERSEDED = "superseded"
    BROKEN = "broken"
    PROMOTED = "promoted"
    SETTLED = "settled"


class Observation(Message):
    """One thing that was observed.

    ``judged`` is a look while there is time left; ``deadline`` the last look; ``foreign`` says
    that somebody else changed the endpoint; ``settled`` that the live version is back alone.
    """

    sight: Sight
    verdict: Verdict = Field(default=Verdict.NO_DATA, description="Of a look.")
    words: str = ""


class Do(StrEnum):
    """What a rollout needs next."""

    ASK_APPROVAL = "ask_approval"
    DEPLOY_DARK = "deploy_dark"
    SMOKE_TEST = "smoke_test"
    APPLY = "apply"
    VERIFY_SPLIT = "verify_split"
    WATCH = "watch"
    ASK = "ask"
    EXTEND = "extend"
    PROMOTE = "promote"
    ROLL_BACK = "roll_back"
    NOTHING = "nothing"


class Action(Message):
    """What to do next, for which stage of the plan (-1 for none), and why where it goes back."""

    do: Do
    stage: int = -1
    reason: str = ""


_ON_THE_WAY = {
    RolloutState.APPROVED: Do.DEPLOY_DARK,
    RolloutState.DARK: Do.SMOKE_TEST,
}
_AT_A_STAGE = {
    StageState.APPLIED: Do.VERIFY_SPLIT,
    StageState.OBSERVED: Do.WATCH,
    StageState.UNDECIDED: Do.ASK,
    StageState.EXTENDED: Do.EXTEND,
}
_MARKS = {
    Sight.STOP: ("stop", "stopped"),
    Sight.SUPERSEDED: ("stop", "superseded"),
}
_WAY = {
    (RolloutState.OPENED, Sight.APPROVED): RolloutState.APPROVED,
    (RolloutState.OPENED, Sight.REFUSED): RolloutState.REFUSED,
    (RolloutState.APPROVED, Sight.DEPLOYED): RolloutState.DARK,
    (RolloutState.DARK, Sight.TESTED): RolloutState.VERIFIED,
}
_ANSWERS = {Sight(answer): state for answer, state in OPTIONS.items()}
_ANSWERS[Sight.UNANSWERED] = StageState.FAILED


def action(plan: ReleasePlan, progress: Progress) -> Action:
    """Return what a rollout needs next; asked again without news it answers the same."""
    if is_end(progress.state):
        return Action(do=Do.NOTHING)
    if progress.stop or progress.broken:
        return Action(do=Do.ROLL_BACK, reason=progress.broken or progress.stop)
    if progress.state is RolloutState.OPENED:
        needed = Do.ASK_APPROVAL if progress.approval_required else Do.DEPLOY_DARK
        return Action(do=needed)
    if progress.state in _ON_THE_WAY:
        return Action(do=_ON_THE_WAY[progress.state])
    return _at_stages(plan, progress)


def advance(plan: ReleasePlan, progress: Progress, seen: Observation) -> Progress:
    """Return the progress after an observation; the same where it has no meaning now."""
    if is_end(progress.state):
        return progress
    if seen.sight in _MARKS:
        field, mark = _MARKS[seen.sight]
        return progress if progress.stop else progress.model_copy(update={field: mark})
    if seen.sight is Sight.BROKEN:
        told = progress.broken or seen.words or "a task failed"
        return progress.model_copy(update={"broken": told})
    if seen.sight is Sight.SETTLED:
        return _ended(progress, unpromoted(progress))
    if progress.stop or progress.broken:
        return progress
    return _went_on(plan, progress, seen)


def _at_stages(plan: ReleasePlan, progress: Progress) -> Action:
    if may_promote(plan, progress):
        return Action(do=Do.PROMOTE)
    at, now = progress.index, progress.stage
    if now in _AT_A_STAGE:
        return Action(do=_AT_A_STAGE[now], stage=at)
    if now is StageState.FAILED:
        return Action(do=Do.ROLL_BACK, stage=at, reason=f"stage {at} failed")
    return Action(do=Do.APPLY, stage=at + 1)


def may_promote(plan: ReleasePlan, progress: Progress) -> bool:
    """Say whether the candidate may be wanted alone, and made the live version."""
    due = RolloutState.STAGED if plan.stages else RolloutState.VERIFIED
    is_due = progress.state is due and not progress.stop
    return is_due and is_cleared(plan, progress)


def moved(progress: Progress, index: int, state: StageState) -> Progress:
    """Return the progress with a stage in another state; the first one begins the stages."""
    stages = (*progress.stages[:index], state)
    return progress.model_copy(update={"stages": stages, "state": RolloutState.STAGED})


def _went_on(plan: ReleasePlan, progress: Progress, seen: Observation) -> Progress:
    if seen.sight is Sight.DEPLOYED and action(plan, progress).do is Do.DEPLOY_DARK:
        return progress.model_copy(update={"state": RolloutState.DARK})
    if (progress.state, seen.sight) in _WAY:
        return progress.model_copy(update={"state": _WAY[progress.state, seen.sight]})
    if seen.sight is Sight.PROMOTED:
        is_due = may_promote(plan, progress)
        return _ended(progress, RolloutState.PROMOTED) if is_due else progress
    if seen.sight is Sight.APPLIED:
        return _if_allowed(plan, progress, progress.index + 1, StageState.APPLIED)
    following = _following(progress.stage, seen)
    if following is None:
        return progress
    return _if_allowed(plan, progress, progress.index, following)


def _if_allowed(plan: ReleasePlan, progress: Progress, index: int, state: StageState) -> Progress:
    refused = why_no_move(plan, progress, index, state)
    return progress if refused else moved(progress, index, state)


def _following(now: StageState | None, seen: Observation) -> StageState | None:
    if seen.sight is Sight.SPLIT:
        return StageState.OBSERVED
    if seen.sight in _ANSWERS:
        return _ANSWERS[seen.sight] if now is StageState.UNDECIDED else None
    if now not in WATCHED:
        return None
    if seen.sight is Sight.FOREIGN:
        return concluded(now, Verdict.ERROR)
    is_clear = seen.sight is Sight.JUDGED and seen.verdict in {Verdict.PASS, Verdict.FAIL}
    is_last = is_clear or seen.sight is Sight.DEADLINE
    return concluded(now, seen.verdict) if is_last else None


def _ended(progress: Progress, state: RolloutState) -> Progress:
    return progress.model_copy(update={"state": state, "stages": closed(progress.stages)})


def closed(stages: tuple[StageState, ...]) -> tuple[StageState, ...]:
    """Return the stages of a rollout that ends: an open one is abandoned with it."""
    return tuple(stage if stage in ENDED else StageState.ABANDONED for stage in stages)


def unpromoted(progress: Progress) -> RolloutState:
    """Return the state in which an open rollout ends that is not promoted."""
    if progress.stop:
        return RolloutState(progress.stop)
    is_untouched = progress.state is RolloutState.OPENED
    return RolloutState.FAILED if is_untouched else RolloutState.ROLLED_BACK
