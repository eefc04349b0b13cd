"""Watches a decision until people have answered or its deadline has, or its rollout is to stop."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.client.messages.decisions import DecisionState
from include.errors import ControlPlaneUnavailable
from include.rollout.states import is_end
from operators.firing import Firing
from operators.hooks.airworthy import AirworthyHook
from sensors.triggers.arguments import Arguments, TryArguments

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.client.asynchronous import AsyncControlPlane
    from include.client.messages.decisions import Decision
    from include.client.messages.rollouts import Rollout

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DecisionWait(TryArguments):
    """What the trigger needs to know.

    Attributes:
        decision_id: Decision to watch.
        rollout_id: Rollout that it is about; empty where it is about none.
        poll_seconds: Time between two looks.
    """

    decision_id: str
    rollout_id: str
    poll_seconds: float


@dataclass(frozen=True)
class DecisionClosedEvent(Arguments):
    """What the trigger tells the sensor: that it is worth a look, never the answer."""

    decision_id: str


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
        firing = Firing(self.wait.poll_seconds)
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
        await firing.hold()
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
