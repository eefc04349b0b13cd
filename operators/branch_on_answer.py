"""Records what people said about an undecided stage, and follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.plans import StageState
from include.decisions.staging import meaning
from include.errors import StopRequested
from include.rollout.clearing import CLEARED, OPTIONS
from operators.at_stage import AtStage
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from operators.stage import OPEN_ROLLOUT
from operators.task import AirworthyBranch

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane


class BranchOnAnswerOperator(AirworthyBranch):
    """Records ``accepted``, ``extended`` or ``failed``; silence rolls back.

    The answer is read where it stands, and the control plane checks that it is this one. Where the
    rollout has ended or is to stop, ``failed`` is followed, where nothing is left to do.

    Args:
        stage: Stage of the plan, counted from the last: -1.
        decision: Task that asked.
        cleared: Task to follow where people said to go on.
        extended: Task to follow where they said to watch once more.
        failed: Task to follow in every other case.
    """

    def __init__(
        self,
        *,
        stage: int,
        decision: str,
        cleared: str,
        extended: str,
        failed: str = "roll_back",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.decision = decision
        self.cleared = cleared
        self.extended = extended
        self.failed = failed

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow.

        Raises:
            Conflict: the decision is about something else.
        """
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (OPEN_ROLLOUT,)))
            at = AtStage.of(rollout, self.stage)
            if at.state is StageState.UNDECIDED and not at.is_ending:
                at = self._answered(control_plane, at, first_xcom(context, (self.decision,)))
        self.log.info("%s is %s", at.name, at.state or "not begun")
        if at.state in CLEARED:
            return self.cleared
        return self.extended if at.state is StageState.EXTENDED else self.failed

    def _answered(self, control_plane: ControlPlane, at: AtStage, decision_id: str) -> AtStage:
        decision = control_plane.decision(decision_id)
        said = meaning(decision)
        if not said:
            # The wait was cut short; going back needs nobody's word.
            return at.moved(control_plane, StageState.FAILED, "nobody answered")
        who = decision.answered_by or "nobody answered in time"
        reason = f"{said} ({who}): {decision.reason}".rstrip(": ")
        try:
            return at.moved(control_plane, OPTIONS[said], reason, decision_id=decision.id)
        except StopRequested as stop:
            self.log.warning("given up: %s", stop)
            return at
