"""Which state of a rollout may follow which; the six ends have no follower."""

from __future__ import annotations

from include.client.messages.rollouts import RolloutState
from include.errors import Conflict

_S = RolloutState
_AT_ANY_TIME = frozenset({_S.FAILED, _S.STOPPED, _S.SUPERSEDED})

FOLLOWERS: dict[RolloutState, frozenset[RolloutState]] = {
    _S.OPENED: frozenset({_S.APPROVED, _S.REFUSED}) | _AT_ANY_TIME,
    _S.APPROVED: frozenset({_S.DARK, _S.ROLLED_BACK}) | _AT_ANY_TIME,
    _S.DARK: frozenset({_S.VERIFIED, _S.ROLLED_BACK}) | _AT_ANY_TIME,
    # Only a rollback, which has no stages, is promoted right after it was verified.
    _S.VERIFIED: frozenset({_S.STAGED, _S.PROMOTED, _S.ROLLED_BACK}) | _AT_ANY_TIME,
    _S.STAGED: frozenset({_S.PROMOTED, _S.ROLLED_BACK}) | _AT_ANY_TIME,
}
ENDS = frozenset(_S) - frozenset(FOLLOWERS)
BY_PEOPLE = frozenset({_S.STOPPED})


def is_end(state: RolloutState) -> bool:
    """Return whether a rollout is over in this state."""
    return state in ENDS


def check_move(rollout: str, now: RolloutState, wanted: RolloutState) -> None:
    """Let pass a move that the table knows.

    Raises:
        Conflict: The rollout is over, or this state does not follow that one.
    """
    if is_end(now):
        raise Conflict(
            f"the rollout ended as {now}",
            where=f"rollout {rollout}",
            value=str(wanted),
            remedy="Open another rollout",
        )
    if wanted not in FOLLOWERS[now]:
        raise Conflict(
            f"{wanted} does not follow {now}",
            where=f"rollout {rollout}",
            value=str(wanted),
            remedy=f"One of these does: {', '.join(sorted(FOLLOWERS[now]))}",
        )
