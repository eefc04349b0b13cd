"""Makes the candidate the live version of its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState
from include.rollout.stages import settled
from operators.stage import StageOperator

if TYPE_CHECKING:
    from include.client.messages.rollouts import Rollout
    from operators.stage import Open


class PromoteVersionOperator(StageOperator):
    """Takes the previous versions down and ends the rollout as promoted."""

    def acts_until(self) -> RolloutState:
        """Only what came through its stages, or goes back to what was live, is promoted."""
        return RolloutState.STAGED

    def proceed(self, opened: Open) -> str:
        """Promote; giving the endpoint back comes last, so that a retry still owns it."""
        candidate = opened.candidate()
        opened.bring(settled(candidate))
        opened.advance(RolloutState.PROMOTED, reason(opened.rollout))
        told = f"{candidate.version} is live on {opened.rollout.endpoint}"
        self.log.info(told)
        return told


def reason(rollout: Rollout) -> str:
    """Return why a rollout may be promoted."""
    if rollout.plan.kind == "rollback":
        return f"people asked to go back from {rollout.stable_version}"
    return "all traffic, observed"
