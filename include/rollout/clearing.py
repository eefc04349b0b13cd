"""How a stage is cleared: by evidence that passes, or by people; never by itself.

Applied, observed, then passed, failed or undecided. Undecided is for people: accepted, extended
(watched once more), or failed. Extended ends by evidence: passed, or failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.client.messages.plans import PlannedStage, ReleasePlan, StageSeen
    from include.rollout.progress import Progress

_S = StageState
FOLLOWERS: dict[StageState, frozenset[StageState]] = {
    _S.APPLIED: frozenset({_S.OBSERVED}),
    _S.OBSERVED: frozenset({_S.PASSED, _S.FAILED, _S.UNDECIDED}),
    _S.UNDECIDED: frozenset({_S.ACCEPTED, _S.EXTENDED, _S.FAILED}),
    _S.EXTENDED: frozenset({_S.PASSED, _S.FAILED}),
}
CLEARED = frozenset({_S.PASSED, _S.ACCEPTED})
ENDED = frozenset(_S) - frozenset(FOLLOWERS)
WATCHED = frozenset({_S.OBSERVED, _S.EXTENDED})
OPTIONS = {"continue": _S.ACCEPTED, "extend": _S.EXTENDED, "roll_back": _S.FAILED}
"""What people may answer about an undecided stage, and what becomes of it."""


def concluded(now: StageState, verdict: Verdict) -> StageState:
    """Return what becomes of a watched stage when the watch ends with ``verdict``.

    Neither of ``error``, ``no_data`` and ``inconclusive`` passes: people are asked, once.
    """
    if verdict is Verdict.PASS:
        return _S.PASSED
    is_harm = verdict is Verdict.FAIL or now is _S.EXTENDED
    return _S.FAILED if is_harm else _S.UNDECIDED


def is_cleared(plan: ReleasePlan, progress: Progress) -> bool:
    """Say whether every stage of the plan was cleared."""
    all_begun = len(progress.stages) == len(plan.stages)
    return all_begun and all(stage in CLEARED for stage in progress.stages)


def why_no_move(plan: ReleasePlan, progress: Progress, index: int, state: StageState) -> str:
    """Return why a stage may not move to ``state`` now; empty where it may."""
    if progress.state not in {RolloutState.VERIFIED, RolloutState.STAGED}:
        return f"the rollout is {progress.state}"
    if not 0 <= index < len(plan.stages):
        return f"the plan has {len(plan.stages)} stages"
    if state is _S.APPLIED:
        return _why_not_begun(progress, index)
    if index != progress.index or progress.stage is None:
        return f"the rollout is at stage {progress.index}"
    if state not in FOLLOWERS.get(progress.stage, frozenset()):
        return f"{state} does not follow {progress.stage}"
    return ""


def why_not_concluded(
    stage: PlannedStage, now: StageState, state: StageState, seen: StageSeen | None
) -> str:
    """Return why a look is no ground for the end of a watch; empty where it is, or needs none."""
    if now not in WATCHED:
        return ""
    if seen is None:
        return "nothing was seen"
    if state is not concluded(now, seen.verdict):
        return f"the verdict is {seen.verdict}"
    is_short = seen.candidate_requests < stage.min_requests or seen.seconds < stage.min_seconds
    return "too little was seen" if state is _S.PASSED and is_short else ""


def _why_not_begun(progress: Progress, index: int) -> str:
    if index != len(progress.stages):
        return f"the next stage is {len(progress.stages)}"
    if not all(stage in CLEARED for stage in progress.stages):
        return f"stage {progress.index} is {progress.stage}"
    return ""
