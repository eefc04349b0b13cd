"""Answers the actions of the machine as a script says; watching is judged as in a real rollout."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.client.messages.plans import StageSeen
from include.rollout.judging import Versions, judge
from include.rollout.machine import Do, Observation, Sight
from include.rollout.planning import stage_name
from include.rollout.simulation.traffic import Phase
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.client.messages.plans import ReleasePlan
    from include.rollout.simulation.script import Scene, Script

STABLE, CANDIDATE = "1.0.0", "1.1.0"
_CLEAR = frozenset({Verdict.PASS, Verdict.FAIL})
_ANSWERS = {"none": Sight.UNANSWERED}
_AT_ONCE = {
    Do.DEPLOY_DARK: Sight.DEPLOYED,
    Do.APPLY: Sight.APPLIED,
    Do.VERIFY_SPLIT: Sight.SPLIT,
    Do.PROMOTE: Sight.PROMOTED,
    Do.ROLL_BACK: Sight.SETTLED,
}


@dataclass
class Served:
    """What callers got over the whole rollout; mirrored requests are no callers'."""

    requests: int = 0
    failed: int = 0


class World:
    """A world that does what a script says.

    Args:
        plan: The plan that is carried out.
        script: What happens.
    """

    def __init__(self, plan: ReleasePlan, script: Script) -> None:
        self.plan = plan
        self.script = script
        self.clock = 0
        self.served = Served()
        self.seen: StageSeen | None = None
        self._draw = random.Random(script.seed)  # noqa: S311 - a simulation
        self._revision = 0

    def respond(self, do: Do, stage: int) -> Observation:
        """Do what the machine wants, and return what comes of it."""
        if do in {Do.WATCH, Do.EXTEND}:
            return self._watch(stage, extended=do is Do.EXTEND)
        if do is Do.ASK:
            answer = self._scene(stage).script.answer
            return Observation(sight=_ANSWERS.get(answer) or Sight(answer))
        if do is Do.ASK_APPROVAL:
            yes = self.script.approval == "approve"
            return Observation(sight=Sight.APPROVED if yes else Sight.REFUSED)
        if do is Do.SMOKE_TEST and self.script.smoke_test == "fail":
            return Observation(sight=Sight.BROKEN, words="the smoke test failed")
        return Observation(sight=_AT_ONCE.get(do, Sight.TESTED))

    def _scene(self, stage: int, *, extended: bool = False) -> Scene:
        return self.script.scene(stage_name(self.plan.stages[stage]), extended=extended)

    def _watch(self, index: int, *, extended: bool) -> Observation:
        planned, scene = self.plan.stages[index], self._scene(index, extended=extended)
        phase = Phase(planned, scene, self.plan.task, self._draw)
        self._revision += 1
        try:
            return self._look_each_second(index, phase, scene)
        finally:
            self._count(phase, is_shadow=planned.kind == "shadow")

    def _look_each_second(self, index: int, phase: Phase, scene: Scene) -> Observation:
        self.seen = None
        while phase.seconds < self.plan.stages[index].deadline_seconds:
            phase.second()
            self.clock += 1
            incident = scene.script.incident
            if incident is not None and incident.at == phase.seconds:
                return Observation(sight=Sight(incident.what), words=incident.words)
            if any(out.begins <= phase.seconds < out.ends for out in scene.script.outages):
                continue
            self.seen = self._look(index, phase, scene)
            if self.seen.verdict in _CLEAR:
                return _observed(Sight.JUDGED, self.seen)
        return _observed(Sight.DEADLINE, self.seen)

    def _look(self, index: int, phase: Phase, scene: Scene) -> StageSeen:
        stable = STABLE if self.plan.kind != "first" else ""
        evidence = phase.evidence((STABLE, CANDIDATE), self._revision)
        given = scene.script.verdict
        if given is None:
            return judge(self.plan, index, Versions(stable, CANDIDATE), evidence)
        is_due = phase.seconds >= scene.script.at
        return StageSeen(
            verdict=given if is_due else Verdict.INCONCLUSIVE,
            words=f"{given} by the script" if is_due else "not yet",
            signals=(),
            seconds=phase.seconds,
            candidate_requests=phase.candidate.requests,
            stable_requests=phase.stable.requests,
        )

    def _count(self, phase: Phase, *, is_shadow: bool) -> None:
        visible = [phase.stable] if is_shadow else [phase.stable, phase.candidate]
        self.served.requests += sum(counts.requests for counts in visible)
        self.served.failed += sum(counts.errors for counts in visible)


def _observed(sight: Sight, seen: StageSeen | None) -> Observation:
    if seen is None:
        return Observation(sight=sight, verdict=Verdict.ERROR, words="nobody could look")
    return Observation(sight=sight, verdict=seen.verdict, words=seen.words)
