"""Waits for people to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from include.client.messages.decisions import DecisionState
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from sensors.triggers.decision import DecisionClosedEvent, DecisionTrigger, DecisionWait, closed

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow.sdk import Context

    from include.client.messages.decisions import Decision

POLL_SECONDS = 1.0


class DecisionSensor(BaseSensorOperator):
    """Returns the answer of a decision; no answer by its deadline is its default.

    The deadline is the decision's own. ``limit`` only ends a wait that outlived every deadline.
    Where people asked the rollout to stop, the wait is over at once, and so is one whose rollout
    was ended: without an answer this too is the default, and ``settle`` ends the rollout.

    Args:
        decision: Task that opened the decision.
        rollout: Task that opened the rollout that it is about.
        limit: Longest wait.
        poll_seconds: Time between two looks.
    """

    ui_color = "#fdf3d8"

    def __init__(
        self,
        *,
        decision: str = "open_decision",
        rollout: str = "open_rollout",
        limit: timedelta,
        poll_seconds: float = POLL_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.decision = decision
        self.rollout = rollout
        self.limit = limit
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> str | None:
        """Return the answer if there is one, else wait for it in the triggerer."""
        decision_id = first_xcom(context, (self.decision,))
        if not decision_id:
            self.log.info("nothing to wait for: no decision was opened")
            return None
        decision = self._read(context, decision_id)
        if closed(decision):
            return answer(decision)
        run = run_ref(context)
        self.log.info("waiting for decision %s until %s", decision_id, decision.deadline)
        wait = DecisionWait(
            decision_id=decision_id,
            rollout_id=first_xcom(context, (self.rollout,)),
            **run.model_dump(),
            poll_seconds=self.poll_seconds,
        )
        self.defer(
            trigger=DecisionTrigger(**wait.to_json()),
            method_name="execute_complete",
            timeout=self.limit,
        )
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Read the answer where it stands; the event only says that there is one."""
        decision = self._read(context, DecisionClosedEvent.from_json(event).decision_id)
        if not closed(decision):
            self.log.warning("not waiting on: the rollout is to stop, or has ended")
        who = decision.answered_by or "nobody"
        self.log.info("%s by %s: %s", answer(decision), who, decision.reason)
        return answer(decision)

    def _read(self, context: Context, decision_id: str) -> Decision:
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            return control_plane.decision(decision_id)


def answer(decision: Decision) -> str:
    """Return the answer of a closed decision."""
    answered = decision.state is DecisionState.ANSWERED and decision.answer
    return decision.answer if answered else decision.default
