"""Plays a rollout from its opening to its end and tells it, line by line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from include.client.messages.plans import StageState
from include.errors import BadInput
from include.rollout.machine import Do, action, advance
from include.rollout.planning import digest_of, stage_name
from include.rollout.progress import Progress
from include.rollout.simulation.world import World
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.client.messages.plans import ReleasePlan, StageSeen
    from include.rollout.machine import Action, Observation
    from include.rollout.simulation.script import Script

_SAID = {
    Do.ASK_APPROVAL: "people are asked",
    Do.DEPLOY_DARK: "the candidate is deployed without traffic",
    Do.SMOKE_TEST: "smoke test",
    Do.VERIFY_SPLIT: "the observed split is the wanted one",
    Do.PROMOTE: "the candidate is promoted and serves alone",
    Do.ROLL_BACK: "the live version is brought back",
}


def play(plan: ReleasePlan, script: Script) -> Iterator[str]:
    """Yield the story of a rollout, a line at a time; the last one says how it ended.

    Raises:
        BadInput: The script names a stage that the plan does not have.
    """
    _check_names(plan, script)
    world = World(plan, script)
    progress = Progress(approval_required=script.approval != "not_needed")
    yield _head(plan)
    while (due := action(plan, progress)).do is not Do.NOTHING:
        began = world.clock
        seen = world.respond(due.do, due.stage)
        progress = advance(plan, progress, seen)
        yield _line(began, _told(plan, due, seen))
        if due.do in {Do.WATCH, Do.EXTEND}:
            yield from _looked(world, progress)
    took = timedelta(seconds=world.clock)
    served = f"{world.served.requests} requests, {world.served.failed} failed"
    yield f"{progress.state.value.replace('_', ' ')} after {took}; {served}"


def _check_names(plan: ReleasePlan, script: Script) -> None:
    known = [stage_name(stage) for stage in plan.stages]
    for name in script.stages:
        if name not in known:
            raise BadInput(
                "the plan has no such stage",
                where="stages",
                value=name,
                remedy=f"It has: {', '.join(known) or 'none'}",
            )


def _head(plan: ReleasePlan) -> str:
    names = ", ".join(stage_name(stage) for stage in plan.stages) or "no stages"
    return f"{plan.kind}: {names} (plan {digest_of(plan)[:12]})"


def _line(second: int, text: str) -> str:
    return f"{timedelta(seconds=second)!s:>8}  {text}"


def _told(plan: ReleasePlan, due: Action, seen: Observation) -> str:
    where = f"{stage_name(plan.stages[due.stage])}: " if due.stage >= 0 else ""
    if due.do is Do.APPLY:
        planned = plan.stages[due.stage]
        share = "mirrored to" if planned.kind == "shadow" else "answered by"
        return f"{where}{planned.percent} % of the requests are {share} the candidate"
    if due.do is Do.ASK:
        return f"{where}people are asked; answer: {seen.sight.value.replace('_', ' ')}"
    if due.do in {Do.WATCH, Do.EXTEND}:
        begun = "watched" if due.do is Do.WATCH else "watched once more"
        return f"{where}{begun}"
    said = f"{where}{_SAID[due.do]}"
    if due.reason:
        said += f": {due.reason}"
    if due.do in {Do.ASK_APPROVAL, Do.SMOKE_TEST}:
        said += f": {seen.words or seen.sight.value}"
    return said


def _looked(world: World, progress: Progress) -> Iterator[str]:
    stage, seen = progress.stage or StageState.ABANDONED, world.seen
    if progress.stop or progress.broken:
        yield _line(world.clock, f"  {progress.broken or progress.stop}")
        return
    verdict = seen.verdict if seen else Verdict.ERROR
    words = seen.words if seen else "nobody could look"
    yield _line(world.clock, f"  {stage.value}, verdict {verdict.value}: {words}")
    for line in _signals(seen):
        yield _line(world.clock, f"    {line}")


def _signals(seen: StageSeen | None) -> Iterator[str]:
    for signal in seen.signals if seen else ():
        yield f"{signal.name}: {signal.verdict.value} - {signal.words}"
