"""Watches a decision until people have answered or its deadline has."""

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
from operators.hooks.airworthy import AirworthyHook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.client.control_plane import AsyncControlPlane
    from include.client.messages.decisions import Decision

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DecisionWait:
    """What the trigger needs to know.

    Attributes:
        decision_id: Decision to watch.
        dag_id: With the next four, the try that waits; the control plane is asked as this one.
        run_id: Run.
        task_id: Task.
        try_number: Try, from 1.
        map_index: Index of a mapped task; -1 for none.
        poll_seconds: Time between two looks.
    """

    decision_id: str
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
    """What the trigger tells the sensor: that there is an answer to read, never the answer."""

    decision_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the event as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, event: dict[str, Any]) -> Self:
        """Return the event that ``to_json`` wrote."""
        return cls(**event)


class DecisionTrigger(BaseTrigger):
    """Fires once, when the decision is no longer open.

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
                    if closed(await client.decision(self.wait.decision_id)):
                        break
                except (ControlPlaneUnavailable, AirflowException) as error:
                    log.warning("decision %s cannot be read: %s", self.wait.decision_id, error)
                await asyncio.sleep(self.wait.poll_seconds)
        finally:
            if client is not None:
                await client.close()
        yield TriggerEvent(DecisionClosedEvent(self.wait.decision_id).to_json())


def closed(decision: Decision) -> bool:
    """Say whether a decision has been answered or has expired."""
    return decision.state is not DecisionState.OPEN
