"""Concludes a stage from what was seen of it, and chooses what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.plans import StageSeen, StageState
from include.errors import BadInput, StopRequested
from include.rollout.clearing import CLEARED, concluded
from operators.at_stage import AtStage
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from operators.stage import OPEN_ROLLOUT
from operators.task import AirworthyBranch

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane


class BranchOnStageOperator(AirworthyBranch):
    """Records ``passed``, ``failed`` or ``undecided``, and follows what the record then says.

    A stage that was concluded before is not judged again. Where the rollout has ended or is to
    stop, ``failed`` is followed, where nothing is left to do.

    Args:
        stage: Stage of the plan, counted from the last: -1.
        health: Task that watched the stage.
        cleared: Task to follow where the stage is cleared.
        undecided: Task to follow where people have to say; empty after an extension.
        failed: Task to follow in every other case.
    """

    def __init__(
        self,
        *,
        stage: int,
        health: str,
        cleared: str,
        undecided: str = "",
        failed: str = "roll_back",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.health = health
        self.cleared = cleared
        self.undecided = undecided
        self.failed = failed

    @property
    def due(self) -> StageState:
        """State in which the stage is concluded: under its first watch, or its second."""
        return StageState.OBSERVED if self.undecided else StageState.EXTENDED

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow.

        Raises:
            BadInput: the watch left nothing that was seen.
            Conflict: what was seen is no ground for its verdict.
        """
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (OPEN_ROLLOUT,)))
            at = AtStage.of(rollout, self.stage)
            if at.state is self.due and not at.is_ending:
                at = self._concluded(control_plane, at, context)
        self.log.info("%s is %s", at.name, at.state or "not begun")
        return self._following(at.state)

    def _following(self, state: StageState | None) -> str:
        if state in CLEARED:
            return self.cleared
        is_open = state in {StageState.UNDECIDED, StageState.EXTENDED}
        return self.undecided if is_open and self.undecided else self.failed

    def _concluded(self, control_plane: ControlPlane, at: AtStage, context: Context) -> AtStage:
        seen = self._seen(context)
        state = concluded(self.due, seen.verdict)
        self.log.info("%s: %s, so it is %s", seen.verdict, seen.words, state)
        try:
            return at.moved(control_plane, state, seen.words, seen=seen)
        except StopRequested as stop:
            self.log.warning("given up: %s", stop)
            return at

    def _seen(self, context: Context) -> StageSeen:
        told = first_xcom(context, (self.health,))
        if not told:
            raise BadInput(
                "the watch of the stage left nothing",
                where=f"task {self.health}",
                remedy="Clear that task, not only this one",
            )
        return StageSeen.model_validate_json(told)
