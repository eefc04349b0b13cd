"""Watches a decision until people have answered or its deadline has, or its rollout is to stop."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.client.messages.base import RunRef
from include.client.messages.decisions import DecisionState
from include.errors import ControlPlaneUnavailable
from include.rollout.states import is_end
from operators.hooks.airworthy import AirworthyHook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.client.control_plane import AsyncControlPlane
    from include.client.messages.decisions import Decision
    from include.client.messages.rollouts import Rollout

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DecisionWait:
    """What the trigger needs to know.

    Attributes:
        decision_id: Decision to watch.
        rollout_id: Rollout that it is about; empty where it is about none.
        dag_id: With the next four, the try that waits; the control plane is asked as this one.
        run_id: Run.
        task_id: Task.
        try_number: Try, from 1.
        map_index: Index of a mapped task; -1 for none.
        poll_seconds: Time between two looks.
    """

    decision_id: str
    rollout_id: str
    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    map_index: int
    poll_seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the arguments as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, arguments: dict[str, Any]) -> Self:
        """Return the arguments that ``to_json`` wrote."""
        return cls(**arguments)

    @property
    def run(self) -> RunRef:
        """The try that waits."""
        return RunRef(
            dag_id=self.dag_id,
            run_id=self.run_id,
            task_id=self.task_id,
            try_number=self.try_number,
            map_index=self.map_index,
        )


@dataclass(frozen=True)
class DecisionClosedEvent:
    """What the trigger tells the sensor: that it is worth a look, never the answer."""

    decision_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the event as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, event: dict[str, Any]) -> Self:
        """Return the event that ``to_json`` wrote."""
        return cls(**event)


class DecisionTrigger(BaseTrigger):
    """Fires once, when the decision is no longer open or nobody needs its answer any more.

    Args:
        arguments: A ``DecisionWait`` as JSON primitives.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.wait = DecisionWait.from_json(arguments)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores."""
        return f"{__name__}.{type(self).__name__}", self.wait.to_json()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again; an outage of the control plane is waited out."""
        client: AsyncControlPlane | None = None
        try:
            while True:
                try:
                    client = client or await AirworthyHook().watcher(self.wait.run)
                    if await self._is_over(client):
                        break
                except (ControlPlaneUnavailable, AirflowException) as error:
                    log.warning("decision %s cannot be read: %s", self.wait.decision_id, error)
                await asyncio.sleep(self.wait.poll_seconds)
        finally:
            if client is not None:
                await client.close()
        yield TriggerEvent(DecisionClosedEvent(self.wait.decision_id).to_json())

    async def _is_over(self, client: AsyncControlPlane) -> bool:
        if closed(await client.decision(self.wait.decision_id)):
            return True
        rollout = self.wait.rollout_id
        return bool(rollout) and is_ending(await client.rollout(rollout))


def closed(decision: Decision) -> bool:
    """Say whether a decision has been answered or has expired."""
    return decision.state is not DecisionState.OPEN


def is_ending(rollout: Rollout) -> bool:
    """Say whether a rollout has ended or people asked it to stop."""
    return rollout.stop is not None or is_end(rollout.state)
