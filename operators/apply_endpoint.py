"""Brings an endpoint to the state that a stage of the rollout wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from include.client.messages.rollouts import RolloutState
from include.rollout.stages import dark, shifted
from operators.run import first_xcom
from operators.stage import StageOperator

if TYPE_CHECKING:
    from operators.stage import Open

PLANS = {0: dark, 100: shifted}
LAST = {0: RolloutState.DARK, 100: RolloutState.VERIFIED}


class ApplyEndpointOperator(StageOperator):
    """Deploys the candidate without traffic, or gives it all of it; never waits.

    Args:
        weight: Percent of the traffic that the candidate gets.
        decision: Task that opened the decision, where one had to approve the rollout.
    """

    def __init__(
        self, *, weight: Literal[0, 100], decision: str = "open_decision", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.weight = weight
        self.decision = decision

    def acts_until(self) -> RolloutState:
        """Deploying ends with the smoke test, shifting with the promotion."""
        return LAST[self.weight]

    def proceed(self, opened: Open) -> str:
        """Record the wanted state and ask the driver for it.

        Raises:
            FencedOut: somebody newer owns the endpoint.
            Conflict: the rollout needs an approval that people have not given.
            ServingUnavailable: the driver did not answer; a retry asks again.
        """
        if self.weight == 0:
            opened = self._approved(opened)
        candidate = opened.candidate()
        variants = PLANS[self.weight](opened.endpoint().variants, candidate)
        opened.bring(variants)
        if self.weight == 0:
            opened.advance(RolloutState.DARK, "deployed without traffic")
        told = ", ".join(f"{v.version} {v.weight} %" for v in variants)
        self.log.info("%s: %s wanted", opened.rollout.endpoint, told)
        return told

    def _approved(self, opened: Open) -> Open:
        decision = first_xcom(opened.context, (self.decision,))
        return opened.approve(
            decision, f"by decision {decision}" if decision else "no approval was needed"
        )
