"""What a request to stop means: a mark, which the rollout's owner obeys.

Who asks does not end the rollout, since a candidate may have traffic: its owner first brings the
endpoint to a safe state. Meanwhile the rollout goes no further. A newer version asks as well,
where the plan says that it takes the place of an older one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState, StopRequest
from include.errors import BadInput
from include.rollout.machine import unpromoted
from include.rollout.progress import progress_of
from include.rollout.states import check_move

if TYPE_CHECKING:
    from datetime import datetime

    from include.client.messages.rollouts import Rollout

SHORTEST_REASON = 3


def requested(rollout: Rollout, by: str, reason: str, at: datetime) -> Rollout:
    """Return the rollout with its mark; the first request stands, whoever asks again.

    Raises:
        BadInput: There is no reason.
        Conflict: The rollout ended otherwise.
    """
    if rollout.stop is not None or rollout.state is RolloutState.STOPPED:
        return rollout
    check_move(rollout.id, rollout.state, RolloutState.STOPPED)
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput("no reason", where=f"rollout {rollout.id}", remedy="Say why it has to stop")
    return rollout.model_copy(update={"stop": StopRequest(by=by, reason=reason, at=at)})


def superseded(rollout: Rollout, version: str, by: str, at: datetime) -> Rollout:
    """Return an open rollout with the mark that a newer version takes its place, if it lets it."""
    if rollout.stop is not None or rollout.plan.newer_version != "supersede":
        return rollout
    reason = f"version {version} was registered"
    mark = StopRequest(by=by, reason=reason, at=at, superseded_by=version)
    return rollout.model_copy(update={"stop": mark})


def unpromoted_end(rollout: Rollout) -> RolloutState:
    """Return the state in which an open rollout ends that is not promoted."""
    return unpromoted(progress_of(rollout))
