"""What to do next to an InferenceService: from what it says and routes to what is wanted of it.

Pure, and asked again after every step, so that whoever was killed goes on where the object stands.
Each step leaves a state in which everybody is answered. What the controller does to an object that
asks too much at once, and why the order is this one: docs/reference/kserve.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.serving.kserve.shape import ALL_TRAFFIC, FIXED, Exposure, Shape, merged, shaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.serving.kserve.shape import Entry, Scaling


@dataclass(frozen=True)
class Sight:
    """What is really there, beyond what the InferenceService says.

    Attributes:
        is_reconciled: Whether the controller has read the canaries as they are written now.
        weights: Most that any route gives to each predictor, in percent, by its name; who is in
            no route is not here.
        is_routed: Whether any route gives anybody a share.
        is_split: Whether every route has exactly the written weights and is accepted.
        ready: Predictors that are rolled out completely with the package that is written.
    """

    is_reconciled: bool = False
    weights: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    is_routed: bool = False
    is_split: bool = False
    ready: frozenset[str] = frozenset()

    def is_reached(self, predictor: str) -> bool:
        """Say whether requests may still arrive there."""
        return not self.is_reconciled or self.weights.get(predictor, 0) > 0


@dataclass(frozen=True)
class Goal:
    """The wanted predictors in the order in which they are wanted, and how the stable one grows.

    The percent of an entry is what is wanted of it, also of the one that will be stable.
    """

    entries: tuple[Entry, ...]
    scaling: Scaling = FIXED

    @property
    def heir(self) -> Entry:
        """The one with most traffic; the first of equals."""
        return max(self.entries, key=lambda entry: entry.percent)

    @property
    def exposure(self) -> Exposure:
        """Who is to reach it."""
        if not self.entries:
            return Exposure.STOPPED
        return Exposure.PUBLIC if self.heir.percent else Exposure.DARK

    def entry(self, name: str) -> Entry | None:
        """Return an entry by its predictor's name."""
        return next((entry for entry in self.entries if entry.name == name), None)


@dataclass(frozen=True)
class Step:
    """What to write now; nothing to write and no reason to wait: it is done."""

    write: Shape | None = None
    wait: str = ""


def next_step(present: Shape | None, goal: Goal, sight: Sight) -> Step:
    """Return the next step.

    Raises:
        BadInput: no InferenceService can be what is wanted.
    """
    if not goal.entries:
        return _stopped(present)
    if goal.exposure is Exposure.DARK and len(goal.entries) > 1:
        raise BadInput(
            "several variants and traffic for none",
            value=", ".join(entry.variant for entry in goal.entries),
            remedy="A variant without traffic stands beside a live one, or alone",
        )
    if present is None or present.exposure is not Exposure.PUBLIC:
        return _begun(present, goal, sight)
    if goal.exposure is Exposure.DARK:
        raise BadInput(
            "traffic for nobody, while a version answers everybody",
            value=goal.heir.variant,
            remedy="Want no variant at all first; a route that is there does not go otherwise",
        )
    stays = goal.entry(present.stable.name)
    if stays is not None:
        return _beside(present, stays, goal, sight)
    return _promoted(present, goal, sight)


def _stopped(present: Shape | None) -> Step:
    if present is None or present.exposure is Exposure.STOPPED:
        return Step()
    return Step(shaped(present.stable, (), Exposure.STOPPED, present.scaling))


def _begun(present: Shape | None, goal: Goal, sight: Sight) -> Step:
    """Nobody is to be served: once the routes know it, nothing that is there needs care."""
    stable = goal.heir
    if present is not None and goal.entry(present.stable.name):
        # Another name with the same package would be refused as a change without a change.
        stable = next(entry for entry in goal.entries if entry.name == present.stable.name)
    others = tuple(entry for entry in goal.entries if entry.name != stable.name)
    target = shaped(stable, others, goal.exposure, goal.scaling)
    if target == present:
        return Step()
    if sight.is_routed:
        return Step(wait="the routes still lead to what was there before")
    return Step(target)


def _beside(present: Shape, stays: Entry, goal: Goal, sight: Sight) -> Step:
    """The stable predictor stays: canaries come, change their share, and leave without any."""
    wanted = tuple(entry for entry in goal.entries if entry.name != stays.name)
    leaving = tuple(
        replace(canary, percent=0)
        for canary in present.canaries
        if goal.entry(canary.name) is None and _is_needed(canary, sight)
    )
    stable = replace(present.stable, replicas=stays.replicas)
    target = shaped(stable, (*wanted, *leaving), goal.exposure, goal.scaling)
    if target != present:
        return Step(target)
    if leaving:
        return Step(wait=f"the routes still lead to {_told(leaving)}")
    return Step()


def _is_needed(canary: Entry, sight: Sight) -> bool:
    return canary.percent > 0 or sight.is_reached(canary.name)


def _promoted(present: Shape, goal: Goal, sight: Sight) -> Step:
    """The stable predictor goes: first its heir has all traffic, and this is seen."""
    heir = goal.heir
    others = tuple(
        replace(canary, percent=0) for canary in present.canaries if canary.name != heir.name
    )
    full = replace(heir, percent=ALL_TRAFFIC)
    raised = shaped(present.stable, (full, *others), Exposure.PUBLIC, present.scaling)
    if raised != present:
        return Step(raised)
    if not (sight.is_reconciled and sight.is_split and heir.name in sight.ready):
        return Step(wait=f"the routes do not give all traffic to {heir.name} yet")
    body = merged(present.stable.body, heir.body)
    return Step(shaped(replace(heir, body=body), others, Exposure.PUBLIC, goal.scaling))


def _told(entries: tuple[Entry, ...]) -> str:
    return ", ".join(entry.name for entry in entries)
