"""Watches an endpoint until one of its variants is what was wanted of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.errors import BadInput, ServingUnavailable
from include.serving.endpoint import Health
from operators.hooks.serving import ServingHook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.serving.endpoint import Observation
    from include.serving.local_driver import LocalDriver

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadyWait:
    """What the trigger needs to know.

    Attributes:
        endpoint: Endpoint to observe.
        variant: Variant that has to be ready.
        weight: Percent of the traffic that it has to carry.
        until: Instant at which the wait ends without success, ISO 8601 with its offset.
        poll_seconds: Time between two looks.
    """

    endpoint: str
    variant: str
    weight: int
    until: str
    poll_seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the arguments as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, arguments: dict[str, Any]) -> Self:
        """Return the arguments that ``to_json`` wrote."""
        return cls(**arguments)

    def is_over(self, now: datetime) -> bool:
        """Say whether the wait has lasted long enough."""
        return now >= datetime.fromisoformat(self.until)


@dataclass(frozen=True)
class ReadyEvent:
    """How the wait ended, and what was seen last."""

    is_ready: bool
    seen: str

    def to_json(self) -> dict[str, Any]:
        """Return the event as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, event: dict[str, Any]) -> Self:
        """Return the event that ``to_json`` wrote."""
        return cls(**event)


class EndpointReadyTrigger(BaseTrigger):
    """Fires once: when the variant is ready, or when the time is over.

    Args:
        arguments: A ``ReadyWait`` as JSON primitives.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.wait = ReadyWait.from_json(arguments)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores."""
        return f"{__name__}.{type(self).__name__}", self.wait.to_json()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again; an outage of the serving daemon is waited out."""
        driver: LocalDriver | None = None
        event = ReadyEvent(is_ready=False, seen="nothing was seen")
        while not event.is_ready and not self.wait.is_over(datetime.now(UTC)):
            try:
                driver = driver or await ServingHook().async_driver()
                event = judge(self.wait, await driver.observe_async(self.wait.endpoint))
            except (ServingUnavailable, BadInput, AirflowException) as error:
                # A daemon that has just begun may not know the endpoint yet.
                event = ReadyEvent(is_ready=False, seen=str(error))
                log.warning("endpoint %s cannot be observed: %s", self.wait.endpoint, error)
            if not event.is_ready:
                await asyncio.sleep(self.wait.poll_seconds)
        yield TriggerEvent(event.to_json())


def judge(wait: ReadyWait, observation: Observation) -> ReadyEvent:
    """Return whether the observation is what is waited for, with what it shows."""
    state = next((v for v in observation.variants if v.name == wait.variant), None)
    if state is None:
        return ReadyEvent(is_ready=False, seen=f"{wait.variant} is not there")
    seen = f"{state.name} {state.health.value}, {state.weight} %, {state.restarts} restart(s)"
    is_ready = state.health is Health.READY and state.weight == wait.weight
    return ReadyEvent(is_ready, f"{seen}: {state.message}" if state.message else seen)
