"""Watches an endpoint until one of its variants is what was wanted of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.errors import BadInput, ServingUnavailable
from include.serving.endpoint import Health
from include.serving.watching import crashing, state_of
from operators.firing import Firing
from operators.hooks.serving import ServingHook
from sensors.triggers.arguments import Arguments
from sensors.triggers.timer import Timer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.serving.endpoint import Observation, ServingDriver

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadyWait(Arguments):
    """What the trigger needs to know.

    Attributes:
        endpoint: Endpoint to observe.
        variant: Variant that has to be ready.
        weight: Percent of the traffic that it has to carry.
        until: Instant at which the wait ends without success, ISO 8601 with its offset.
        longest: Seconds that it lasts at most.
        poll_seconds: Time between two looks.
    """

    endpoint: str
    variant: str
    weight: int
    until: str
    longest: float
    poll_seconds: float


@dataclass(frozen=True)
class ReadyEvent(Arguments):
    """How the wait ended, and what was seen last."""

    is_ready: bool
    seen: str
    is_hopeless: bool = False


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
        timer = Timer(self.wait.until, self.wait.longest)
        driver: ServingDriver | None = None
        firing = Firing(self.wait.poll_seconds)
        event, restarts = ReadyEvent(is_ready=False, seen="nothing was seen"), -1
        while not (event.is_ready or event.is_hopeless or timer.is_over):
            try:
                driver = driver or await ServingHook().async_driver()
                observation = await driver.observe_async(self.wait.endpoint)
                restarts = first_count(restarts, observation, self.wait.variant)
                event = judge(self.wait, observation, restarts)
            except (ServingUnavailable, BadInput, AirflowException) as error:
                # A daemon that has just begun may not know the endpoint yet.
                event = ReadyEvent(is_ready=False, seen=str(error))
                log.warning("endpoint %s cannot be observed: %s", self.wait.endpoint, error)
            if not (event.is_ready or event.is_hopeless):
                await asyncio.sleep(self.wait.poll_seconds)
        await firing.hold()
        yield TriggerEvent(event.to_json())


def judge(wait: ReadyWait, observation: Observation, restarts: int = 0) -> ReadyEvent:
    """Return whether the observation is what is waited for, with what it shows."""
    state = state_of(observation, wait.variant)
    if state is None:
        return ReadyEvent(is_ready=False, seen=f"{wait.variant} is not there")
    loop = crashing(observation, wait.variant, restarts)
    if loop:
        return ReadyEvent(is_ready=False, seen=loop, is_hopeless=True)
    seen = f"{state.name} {state.health.value}, {state.weight} %, {state.restarts} restart(s)"
    is_ready = state.health is Health.READY and state.weight == wait.weight
    return ReadyEvent(is_ready, f"{seen}: {state.message}" if state.message else seen)


def first_count(known: int, observation: Observation, variant: str) -> int:
    """Return how often a variant had been restarted when it was first seen; -1 for not yet."""
    state = state_of(observation, variant)
    return known if known >= 0 or state is None else state.restarts
