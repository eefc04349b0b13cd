"""Waits until an endpoint shows the split that a stage wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from include.client.messages.plans import StageState
from include.errors import Rejected, StopRequested
from operators.at_stage import AtStage
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from operators.task import failure_left
from sensors.triggers.split import SplitEvent, SplitTrigger, SplitWait

if TYPE_CHECKING:
    from airflow.sdk import Context

POLL_SECONDS = 0.5
GRACE = timedelta(minutes=1)


class SplitSensor(BaseSensorOperator):
    """Waits for the wanted weights under our revision, and moves the stage to ``observed``.

    Where requests were counted, their shares have to agree; without any the split is not measured,
    and the watch of the stage measures it. Where somebody else changed the endpoint the wait ends
    as well: the watch then finds no verdict, and people are asked.

    Args:
        stage: Stage of the plan, counted from the last: -1.
        limit: Longest wait; what is not there by then is refused.
        rollout: Task that opened the rollout.
        poll_seconds: Time between two looks.
    """

    ui_color = "#fdf3d8"

    def __init__(
        self,
        *,
        stage: int,
        limit: timedelta,
        rollout: str = "open_rollout",
        poll_seconds: float = POLL_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.limit = limit
        self.rollout = rollout
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> str | None:
        """Wait in the triggerer, if there is anything to wait for."""
        run = run_ref(context)
        with failure_left(context):
            at = self._at(context)
        if at.is_ending or at.state is not StageState.APPLIED:
            self.log.info("nothing to wait for: %s is %s", at.name, at.state or "not begun")
            return None
        wait = SplitWait(
            rollout_id=at.rollout.id,
            index=at.index,
            until=(datetime.now(UTC) + self.limit).isoformat(),
            longest=self.limit.total_seconds(),
            poll_seconds=self.poll_seconds,
            **run.model_dump(),
        )
        self.defer(
            trigger=SplitTrigger(**wait.to_json()),
            method_name="execute_complete",
            timeout=self.limit + GRACE,
        )
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Record that the stage is observed, and return what was seen.

        Raises:
            Rejected: the split was not there in time, or the candidate crashes in a loop.
        """
        ended = SplitEvent.from_json(event)
        with failure_left(context):
            if ended.ended == "waiting":
                raise Rejected(f"not there within {self.limit}: {ended.seen}", where=self.task_id)
            if ended.ended == "crashing":
                raise Rejected(ended.seen, where=self.task_id)
            self._observed(context, ended.seen)
        self.log.info(ended.seen)
        return ended.seen

    def _observed(self, context: Context, seen: str) -> None:
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            at = AtStage.of(control_plane.rollout(first_xcom(context, (self.rollout,))), self.stage)
            if at.is_ending or at.state is not StageState.APPLIED:
                return
            try:
                at.moved(control_plane, StageState.OBSERVED, seen)
            except StopRequested as stop:
                self.log.warning("given up: %s", stop)

    def _at(self, context: Context) -> AtStage:
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (self.rollout,)))
        return AtStage.of(rollout, self.stage)
