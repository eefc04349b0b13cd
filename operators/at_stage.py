"""One stage of a rollout's plan, as the tasks of its group look at it.

Groups count stages from the last one (-1): the one stage of a first release then is that of the
last group, where the same tasks watch all the traffic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from include.client.messages.plans import MoveStage, StageState
from include.errors import BadInput
from include.rollout.clearing import WATCHED
from include.rollout.planning import stage_name
from include.rollout.states import is_end

if TYPE_CHECKING:
    from include.client.control_plane import ControlPlane
    from include.client.messages.plans import PlannedStage, StageRecord, StageSeen
    from include.client.messages.rollouts import Rollout


@dataclass(frozen=True)
class AtStage:
    """A rollout, and the index of the stage that a task is about."""

    rollout: Rollout
    index: int

    @classmethod
    def of(cls, rollout: Rollout, stage: int) -> Self:
        """Return the stage that a group stands for.

        Args:
            rollout: The rollout.
            stage: Which one of its plan, counted from the last: -1.

        Raises:
            BadInput: The plan has fewer stages.
        """
        index = len(rollout.plan.stages) + stage
        if index < 0:
            raise BadInput(
                f"the plan of rollout {rollout.id} has {len(rollout.plan.stages)} stages",
                where="stage",
                value=stage,
                remedy="The spec has changed since the release began: start another run",
            )
        return cls(rollout, index)

    @property
    def planned(self) -> PlannedStage:
        """What the plan says of the stage."""
        return self.rollout.plan.stages[self.index]

    @property
    def name(self) -> str:
        """Its name for people, for example ``stage_25``."""
        return stage_name(self.planned)

    @property
    def record(self) -> StageRecord | None:
        """What became of it; None where it has not begun."""
        known = self.rollout.stages
        return known[self.index] if self.index < len(known) else None

    @property
    def state(self) -> StageState | None:
        """Where it stands; None where it has not begun."""
        return self.record.state if self.record else None

    @property
    def is_ending(self) -> bool:
        """Whether the rollout has ended, or is to stop."""
        return self.rollout.stop is not None or is_end(self.rollout.state)

    @property
    def is_watched(self) -> bool:
        """Whether evidence decides now."""
        return not self.is_ending and self.state in WATCHED

    def moved(
        self,
        control_plane: ControlPlane,
        state: StageState,
        reason: str,
        *,
        seen: StageSeen | None = None,
        decision_id: str = "",
    ) -> AtStage:
        """Move the stage and return it as it then is.

        Raises:
            StopRequested: The rollout is to stop, and this would lead further.
            Conflict: The stage cannot move there now.
        """
        message = MoveStage(
            state=state,
            fencing_token=self.rollout.fencing_token,
            reason=reason,
            seen=seen,
            decision_id=decision_id,
        )
        moved = control_plane.move_stage(self.rollout.id, self.index, message)
        return AtStage(moved, self.index)
