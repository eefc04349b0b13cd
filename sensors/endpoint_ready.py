"""Waits for the candidate to be observed as it was wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from include.client.messages.rollouts import RolloutState
from include.errors import Rejected
from include.rollout.stages import is_behind, variant_name
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from operators.task import failure_left
from sensors.triggers.endpoint_ready import EndpointReadyTrigger, ReadyEvent, ReadyWait

if TYPE_CHECKING:
    from airflow.sdk import Context

POLL_SECONDS = 0.5
GRACE = timedelta(minutes=1)


class EndpointReadySensor(BaseSensorOperator):
    """Waits until the rollout's variant is healthy, without traffic yet.

    A rollout that has come further, has ended, or is to stop is not waited for. A stop during the
    wait does not end it: the wait is short, and ``settle`` obeys the stop after it.

    Args:
        limit: Longest wait; what is not ready by then is refused.
        rollout: Task that opened the rollout.
        poll_seconds: Time between two looks.
    """

    ui_color = "#fdf3d8"

    def __init__(
        self,
        *,
        limit: timedelta,
        rollout: str = "open_rollout",
        poll_seconds: float = POLL_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.limit = limit
        self.rollout = rollout
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> str | None:
        """Wait in the triggerer, if there is anything to wait for."""
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (self.rollout,)))
        if is_behind(rollout.state, RolloutState.DARK) or rollout.stop is not None:
            state = "to stop" if rollout.stop else rollout.state.value
            self.log.info("nothing to do: rollout %s is %s", rollout.id, state)
            return None
        wait = ReadyWait(
            endpoint=rollout.endpoint,
            variant=variant_name(rollout.version),
            weight=0,
            until=(datetime.now(UTC) + self.limit).isoformat(),
            longest=self.limit.total_seconds(),
            poll_seconds=self.poll_seconds,
        )
        self.defer(
            trigger=EndpointReadyTrigger(**wait.to_json()),
            method_name="execute_complete",
            timeout=self.limit + GRACE,
        )
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Return what was seen.

        Raises:
            Rejected: the variant did not become what was wanted in time, or crashes in a loop.
        """
        ended = ReadyEvent.from_json(event)
        if not ended.is_ready:
            when = "" if ended.is_hopeless else f"not ready within {self.limit}: "
            with failure_left(context):
                raise Rejected(f"{when}{ended.seen}", where=self.task_id)
        self.log.info(ended.seen)
        return ended.seen
