"""Deploys the candidate beside the live version, without traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.rollouts import RolloutState
from include.rollout.safety import told
from include.rollout.stages import dark, staged
from operators.run import first_xcom
from operators.stage import StageOperator

if TYPE_CHECKING:
    from operators.stage import Open


class DeployDarkOperator(StageOperator):
    """Lets the rollout begin, and deploys its candidate at 0 %; never waits.

    Args:
        decision: Task that opened the decision, where one had to approve the rollout.
    """

    def __init__(self, *, decision: str = "open_decision", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decision = decision

    def acts_until(self) -> RolloutState:
        """Deploying ends with the smoke test."""
        return RolloutState.DARK

    def proceed(self, opened: Open) -> str:
        """Record the wanted state and ask the driver for it.

        Raises:
            FencedOut: somebody newer owns the endpoint.
            BadInput: the serving driver can never do one of the stages.
            Conflict: the rollout needs an approval that people have not given.
            ServingUnavailable: the driver did not answer; a retry asks again.
        """
        decision = first_xcom(opened.context, (self.decision,))
        reason = f"by decision {decision}" if decision else "no approval was needed"
        stable, candidate = opened.live(), opened.candidate()
        opened.foresee(staged(stage, stable, candidate) for stage in opened.rollout.plan.stages)
        opened = opened.approve(decision, reason)
        variants = dark(opened.endpoint().variants, candidate)
        opened.bring(variants)
        opened.advance(RolloutState.DARK, "deployed without traffic")
        self.log.info("%s: %s wanted", opened.rollout.endpoint, told(variants))
        return told(variants)
