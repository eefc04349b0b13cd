"""How far a rollout has come: all that the rules of the machine look at beside its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from include.client.messages.base import Message
from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState

if TYPE_CHECKING:
    from include.client.messages.rollouts import Rollout

Stop = Literal["", "stopped", "superseded"]


class Progress(Message):
    """Where a rollout stands; the same whoever holds it: the control plane, a test, a simulator."""

    state: RolloutState = RolloutState.OPENED
    stages: tuple[StageState, ...] = Field(default=(), description="Those that have begun.")
    approval_required: bool = False
    stop: Stop = Field(default="", description="Why it goes no further, where somebody said so.")
    broken: str = Field(default="", description="What went wrong outside of the stages.")

    @property
    def stage(self) -> StageState | None:
        """State of the newest stage; None before the first."""
        return self.stages[-1] if self.stages else None

    @property
    def index(self) -> int:
        """Index of the newest stage in the plan; -1 before the first."""
        return len(self.stages) - 1


def progress_of(rollout: Rollout) -> Progress:
    """Return the progress of a rollout as the control plane holds it."""
    stop: Stop = ""
    if rollout.stop is not None:
        stop = "superseded" if rollout.stop.superseded_by else "stopped"
    return Progress(
        state=rollout.state,
        stages=tuple(record.state for record in rollout.stages),
        approval_required=rollout.approval_required,
        stop=stop,
    )
