"""Watches a stage of a rollout until its evidence says pass or fail, or its deadline has come."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.client.messages.plans import LookAtStage, StageSeen
from include.rollout.clearing import WATCHED
from include.rollout.stages import variant_name
from include.rollout.states import is_end
from include.serving.watching import crashing, foreign, sick
from include.verdict import Verdict
from operators.firing import Firing
from sensors.triggers.arguments import Arguments, TryArguments
from sensors.triggers.endpoint_ready import first_count
from sensors.triggers.sources import OUTAGES, Sources
from sensors.triggers.timer import Timer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.client.messages.rollouts import Rollout
    from include.serving.endpoint import Observation, ServingDriver

log = logging.getLogger(__name__)
NOTHING = StageSeen(
    verdict=Verdict.NO_DATA, words="nothing was seen", signals=(), seconds=0.0,
    candidate_requests=0, stable_requests=0,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class HealthWait(TryArguments):
    """What the trigger needs to know.

    Attributes:
        rollout_id: Rollout whose stage is watched.
        index: Index of the stage in its plan.
        until: The stage's deadline, ISO 8601 with its offset.
        longest: Seconds that the watch lasts at most.
        poll_seconds: Time between two looks.
        tell_seconds: Time between two looks that people can read at the control plane.
    """

    rollout_id: str
    index: int
    until: str
    longest: float
    poll_seconds: float
    tell_seconds: float


@dataclass(frozen=True)
class HealthEvent(Arguments):
    """How the watch ended: with the last look as JSON, or empty where nobody needs it any more."""

    seen: str


@dataclass(frozen=True)
class Look:
    """One look, and whether the watch ends with it."""

    seen: StageSeen
    is_last: bool = False


class CanaryHealthTrigger(BaseTrigger):
    """Fires once: with the verdict ``pass`` or ``fail``, at the deadline, or at a stop.

    All that is known stands elsewhere: the plan and the phase at the control plane, the counts
    with whoever routes. So a triggerer that starts again goes on where another one was. An outage
    is the verdict ``error`` while it lasts, and so is a stable version that is not well; a foreign
    change of the endpoint ends the watch with it, since the counts are of another split.

    Args:
        arguments: A ``HealthWait`` as JSON primitives.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.wait = HealthWait.from_json(arguments)
        self.restarts = -1
        self.token = 0

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores."""
        return f"{__name__}.{type(self).__name__}", self.wait.to_json()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again, at least once."""
        timer, sources = Timer(self.wait.until, self.wait.longest), Sources(self.wait.run)
        firing = Firing(self.wait.poll_seconds)
        look: Look | None = Look(NOTHING)
        told = float("-inf")
        try:
            while look is not None:
                is_over = timer.is_over
                look = await self._look(sources, look.seen)
                if look is None or look.is_last or is_over:
                    break
                if time.monotonic() - told >= self.wait.tell_seconds:
                    told = time.monotonic()
                    await self._tell(sources, look.seen)
                await asyncio.sleep(self.wait.poll_seconds)
        finally:
            await sources.close()
        await firing.hold()
        yield TriggerEvent(HealthEvent(look.seen.model_dump_json() if look else "").to_json())

    async def _look(self, sources: Sources, before: StageSeen) -> Look | None:
        """Return what is seen; None where nobody needs it any more."""
        try:
            rollout = await (await sources.control_plane()).rollout(self.wait.rollout_id)
            if not is_watched(rollout, self.wait.index):
                return None
            self.token = rollout.fencing_token
            return await self._compare(rollout, await sources.driver(), before)
        except OUTAGES as error:
            log.warning("stage %d of %s: %s", self.wait.index, self.wait.rollout_id, error)
            return Look(without_verdict(before, str(error)))

    async def _compare(self, rollout: Rollout, driver: ServingDriver, before: StageSeen) -> Look:
        # The statistics would cost every parse of a DAG file 12 ms.
        from include.rollout.judging import Versions, judge  # noqa: PLC0415

        index, record = self.wait.index, rollout.stages[self.wait.index]
        observation = await driver.observe_async(rollout.endpoint)
        changed = foreign(rollout, record, observation)
        if changed:
            return Look(without_verdict(before, changed), is_last=True)
        loop = self._loop(rollout, observation)
        if loop:
            harm = {"verdict": Verdict.FAIL, "words": loop}
            return Look(before.model_copy(update=harm), is_last=True)
        evidence = await driver.evidence(rollout.endpoint, record.revision)
        versions = Versions(rollout.stable_version, rollout.version)
        seen = judge(rollout.plan, index, versions, evidence)
        unwell = sick(rollout, index, observation)
        if unwell and seen.verdict is Verdict.PASS:
            return Look(without_verdict(seen, unwell))
        return Look(seen, is_last=seen.verdict in {Verdict.PASS, Verdict.FAIL})

    def _loop(self, rollout: Rollout, observation: Observation) -> str:
        candidate = variant_name(rollout.version)
        self.restarts = first_count(self.restarts, observation, candidate)
        return crashing(observation, candidate, self.restarts)

    async def _tell(self, sources: Sources, seen: StageSeen) -> None:
        try:
            look = LookAtStage(fencing_token=self.token, seen=seen)
            client = await sources.control_plane()
            await client.look(self.wait.rollout_id, self.wait.index, look)
        except OUTAGES as error:
            log.warning("the look was not told: %s", error)


def is_watched(rollout: Rollout, index: int) -> bool:
    """Say whether anybody still needs to know what a stage shows."""
    is_over = rollout.stop is not None or is_end(rollout.state)
    is_newest = len(rollout.stages) == index + 1
    return not is_over and is_newest and rollout.stages[index].state in WATCHED


def without_verdict(seen: StageSeen, words: str) -> StageSeen:
    """Return the latest counts with the verdict ``error``: the measurement itself is broken."""
    return seen.model_copy(update={"verdict": Verdict.ERROR, "words": words})
