"""Ends a rollout that people refused, before anything of it was deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.rollouts import RolloutState
from operators.run import first_xcom
from operators.stage import StageOperator

if TYPE_CHECKING:
    from operators.stage import Open


class RefuseRolloutOperator(StageOperator):
    """Moves the rollout to ``refused`` with the words of whoever refused.

    Args:
        decision: Task that opened the decision.
    """

    ui_color = "#fbe3e0"

    def __init__(self, *, decision: str = "open_decision", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decision = decision

    def acts_until(self) -> RolloutState:
        """Only what nobody approved can be refused."""
        return RolloutState.OPENED

    def proceed(self, opened: Open) -> str:
        """End the rollout; its endpoint is free again."""
        decision = opened.control_plane.decision(first_xcom(opened.context, (self.decision,)))
        who = decision.answered_by or "nobody answered in time"
        reason = f"{decision.answer or decision.default} ({who}): {decision.reason}".rstrip(": ")
        opened.move(RolloutState.REFUSED, reason)
        self.log.warning(reason)
        return reason
