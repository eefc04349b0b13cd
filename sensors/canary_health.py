"""Waits for the verdict of a stage of a rollout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from include.client.messages.plans import StageSeen, StageState
from include.rollout.telling import evidence
from operators.at_stage import AtStage
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from operators.task import failure_left
from sensors.triggers.canary_health import CanaryHealthTrigger, HealthEvent, HealthWait

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane

POLL_SECONDS = 1.0
TELL_SECONDS = 3.0
GRACE = timedelta(hours=1)


class CanaryHealthSensor(BaseSensorOperator):
    """Returns, as JSON, what was seen of a stage when its watch ended.

    It ends when the evidence says ``pass`` or ``fail``, when somebody else changed the endpoint,
    when the rollout is to stop, and at the stage's deadline: that of the plan, counted from when
    the stage was applied, or from when people let it be watched once more. The deadline does not
    move with a retry.

    Args:
        stage: Stage of the plan, counted from the last: -1.
        rollout: Task that opened the rollout.
        poll_seconds: Time between two looks.
    """

    ui_color = "#fdf3d8"

    def __init__(
        self,
        *,
        stage: int,
        rollout: str = "open_rollout",
        poll_seconds: float = POLL_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.rollout = rollout
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> str | None:
        """Watch in the triggerer, if there is anything to watch."""
        run = run_ref(context)
        with failure_left(context), AirworthyHook().control_plane(run) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (self.rollout,)))
            at = AtStage.of(rollout, self.stage)
            if not at.is_watched:
                self.log.info("nothing to watch: %s is %s", at.name, at.state or "not begun")
                return None
            until = deadline(control_plane, at)
        longest = at.planned.deadline_seconds
        wait = HealthWait(
            rollout_id=rollout.id,
            index=at.index,
            until=until.isoformat(),
            longest=longest,
            poll_seconds=self.poll_seconds,
            tell_seconds=TELL_SECONDS,
            **run.model_dump(),
        )
        left = max(timedelta(0), min(until - datetime.now(UTC), timedelta(seconds=longest)))
        self.log.info("watching %s until %s", at.name, until)
        self.defer(
            trigger=CanaryHealthTrigger(**wait.to_json()),
            method_name="execute_complete",
            timeout=left + GRACE,
        )
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str | None:  # noqa: ARG002
        """Say what was seen last, and return it."""
        ended = HealthEvent.from_json(event)
        if not ended.seen:
            self.log.warning("not watched on: the rollout is to stop, has ended or went on")
            return None
        seen = StageSeen.model_validate_json(ended.seen)
        for line in evidence(seen):
            self.log.info(line)
        self.log.info("%s: %s", seen.verdict.value, seen.words)
        return ended.seen


def deadline(control_plane: ControlPlane, at: AtStage) -> datetime:
    """Return the instant at which the watch of a stage ends without a verdict."""
    record = at.record
    began = record.began_at if record else datetime.now(UTC)
    if record is not None and record.state is StageState.EXTENDED:
        began = control_plane.decision(record.decision_id).answered_at or began
    return began + timedelta(seconds=at.planned.deadline_seconds)
