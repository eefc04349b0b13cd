"""Watches an endpoint until it shows the split that a stage wants."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.rollout.stages import variant_name
from include.rollout.states import is_end
from include.serving.watching import crashing, foreign, lacking, measured
from operators.firing import Firing
from sensors.triggers.arguments import Arguments, TryArguments
from sensors.triggers.endpoint_ready import first_count
from sensors.triggers.sources import OUTAGES, Sources
from sensors.triggers.timer import Timer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Literal

    from include.client.messages.rollouts import Rollout
    from include.serving.endpoint import ServingDriver

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SplitWait(TryArguments):
    """What the trigger needs to know.

    Attributes:
        rollout_id: Rollout whose stage was applied.
        index: Index of the stage in its plan.
        until: Instant at which the wait ends without success, ISO 8601 with its offset.
        longest: Seconds that it lasts at most.
        poll_seconds: Time between two looks.
    """

    rollout_id: str
    index: int
    until: str
    longest: float
    poll_seconds: float


@dataclass(frozen=True)
class SplitEvent(Arguments):
    """How the wait ended, and what was seen last.

    ``there``: as wanted; ``foreign``: somebody else changed it; ``crashing``: the candidate does
    not stay up; ``over``: nobody needs it any more; ``waiting``: the time is over.
    """

    ended: Literal["there", "foreign", "crashing", "over", "waiting"]
    seen: str


class SplitTrigger(BaseTrigger):
    """Fires once: when the split is there, cannot come, or when the time is over.

    Args:
        arguments: A ``SplitWait`` as JSON primitives.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.wait = SplitWait.from_json(arguments)
        self.restarts = -1

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores."""
        return f"{__name__}.{type(self).__name__}", self.wait.to_json()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again; an outage of the daemon or the control plane is waited out."""
        timer, sources = Timer(self.wait.until, self.wait.longest), Sources(self.wait.run)
        event, firing = SplitEvent("waiting", "nothing was seen"), Firing(self.wait.poll_seconds)
        try:
            while event.ended == "waiting" and not timer.is_over:
                try:
                    event = await self._look(sources)
                except OUTAGES as error:
                    event = SplitEvent("waiting", str(error))
                    log.warning("the split of %s cannot be seen: %s", self.wait.rollout_id, error)
                if event.ended == "waiting":
                    await asyncio.sleep(self.wait.poll_seconds)
        finally:
            await sources.close()
        await firing.hold()
        yield TriggerEvent(event.to_json())

    async def _look(self, sources: Sources) -> SplitEvent:
        rollout = await (await sources.control_plane()).rollout(self.wait.rollout_id)
        if rollout.stop is not None or is_end(rollout.state):
            return SplitEvent("over", "the rollout is to stop, or has ended")
        return await self._compare(rollout, await sources.driver())

    async def _compare(self, rollout: Rollout, driver: ServingDriver) -> SplitEvent:
        index, record = self.wait.index, rollout.stages[self.wait.index]
        observation = await driver.observe_async(rollout.endpoint)
        changed = foreign(rollout, record, observation)
        if changed:
            return SplitEvent("foreign", changed)
        candidate = variant_name(rollout.version)
        self.restarts = first_count(self.restarts, observation, candidate)
        loop = crashing(observation, candidate, self.restarts)
        if loop:
            return SplitEvent("crashing", loop)
        lacks = lacking(rollout, index, observation)
        if lacks:
            return SplitEvent("waiting", lacks)
        evidence = await driver.evidence(rollout.endpoint, record.revision)
        is_off, share = measured(rollout, index, evidence)
        shown = ", ".join(f"{state.name} {state.weight} %" for state in observation.variants)
        return SplitEvent("waiting" if is_off else "there", f"{shown}; split {share}")
