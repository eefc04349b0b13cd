"""Evidence from the variants' own servers, read at each look, without anybody between."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.errors import InfrastructureError, MetricsUnavailable
from include.evidence.tally import Evidence
from include.serving.prometheus import exposition
from include.serving.prometheus.conditions import Condition, unmeasured
from include.serving.prometheus.growth import Growth
from include.serving.prometheus.reading import opened, read_server
from include.serving.prometheus.tallies import evidence
from include.serving.prometheus.together import together

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.serving.endpoint import EvidenceSource
    from include.serving.prometheus.configuration import PodsConfiguration
    from include.serving.prometheus.notes import Notes
    from include.serving.prometheus.phases import Arm, Phase, Phases
    from include.serving.prometheus.series import Scraped

KEPT = 32
"""Variants whose growth is held in memory."""
NOTE_SECONDS = 10.0
"""Longest time that counts are held in memory alone."""


@dataclass
class _Held:
    growth: Growth
    processes: int = 0
    noted: float = float("-inf")


class PodsSource:
    """Counts what the variants of an endpoint do, by what their servers say of themselves.

    Args:
        options: Which series, where.
        phases: Who knows what is live, where and since when.
        notes: Who keeps where counting began.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        options: PodsConfiguration,
        phases: Phases,
        notes: Notes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._options, self._phases, self._notes, self._clock = options, phases, notes, clock
        self._templates = replace(options.selectors(), target=(exposition.PROCESS,))
        self._held: OrderedDict[tuple[str, int, float, str], _Held] = OrderedDict()

    async def evidence(self, name: str, revision: int) -> Evidence:
        """Return what was counted under a revision; zero counts where nothing was yet.

        Raises:
            BadInput: no such endpoint.
            MetricsUnavailable: the counts are not known; its condition names why.
        """
        phase = await self._phases.phase(name, revision)
        if phase is None:
            return Evidence(name, revision, 0.0)
        helds = [await self._take_up(phase, arm) for arm in phase.arms]
        if phase.until is None:
            async with opened(self._options) as client:
                looks = (
                    self._look(client, phase, arm, held)
                    for arm, held in zip(phase.arms, helds, strict=True)
                )
                await together(looks)
        return evidence(phase, [held.growth for held in helds], self._templates)

    async def _take_up(self, phase: Phase, arm: Arm) -> _Held:
        key = (phase.endpoint, phase.revision, phase.since, arm.variant)
        held = self._held.get(key)
        if held is None:
            where = f"{arm.variant} of {phase.endpoint}"
            growth = Growth(phase.since, self._templates.target, where)
            try:
                await asyncio.to_thread(self._notes.resume, phase, arm, growth)
            except InfrastructureError as error:
                # Beginning anew instead would lose what was counted, each time the store is out.
                raise unmeasured(
                    Condition.DOWN, "the notes of earlier counts cannot be read", where=where,
                    value=str(error), remedy="Bring the object store back",
                ) from error  # fmt: skip
            held = self._held[key] = _Held(growth)
        self._held.move_to_end(key)
        while len(self._held) > KEPT:
            self._held.popitem(last=False)
        return held

    async def _look(self, client: httpx.AsyncClient, phase: Phase, arm: Arm, held: _Held) -> None:
        """Read all servers of a variant; one that does not answer may be on its way out."""
        growth = held.growth
        reads = (self._read(client, phase, arm, address, growth) for address in arm.addresses)
        answers = await asyncio.gather(*reads, return_exceptions=True)
        seen = [one for one in answers if not isinstance(one, BaseException)]
        lost = [one for one in answers if isinstance(one, BaseException)]
        strange = next((one for one in lost if not isinstance(one, MetricsUnavailable)), None)
        if strange is not None:
            raise strange
        for scraped in seen:
            growth.fold(scraped)
        if arm.weight and not any(scraped.presence for scraped in seen):
            raise lost[0] if lost else self._empty(phase, arm)
        await self._note(phase, arm, held)

    async def _read(
        self, client: httpx.AsyncClient, phase: Phase, arm: Arm, address: str, growth: Growth
    ) -> Scraped:
        # A clock that was put back must not make news look old.
        at = max(self._clock(), growth.newest + 0.001, phase.since)
        templates = self._templates.filled(phase, arm)
        return await read_server(client, self._options, address, templates, at)

    async def _note(self, phase: Phase, arm: Arm, held: _Held) -> None:
        growth, now = held.growth, self._clock()
        if len(growth.targets) == held.processes and now - held.noted < NOTE_SECONDS:
            return
        try:
            await asyncio.to_thread(self._notes.keep, phase, arm, growth)
        except InfrastructureError:
            # The counts are known; only a restart in the meantime would lose them.
            return
        held.processes, held.noted = len(growth.targets), now

    def _empty(self, phase: Phase, arm: Arm) -> MetricsUnavailable:
        where = f"{arm.variant} of {phase.endpoint}"
        if not arm.addresses:
            return unmeasured(Condition.EMPTY, "no server of this variant is there", where=where)
        return unmeasured(
            Condition.EMPTY,
            "its servers say nothing of this variant",
            where=where,
            value=str(self._templates.filled(phase, arm).presence),
            remedy="Are the name and the version of its model server these?",
        )


if TYPE_CHECKING:
    from typing import cast

    _proof: EvidenceSource = cast("PodsSource", None)
