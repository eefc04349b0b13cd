"""The recipes, played against a controller that does everything at the worst moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import BadInput
from include.serving.kserve.recipes import Goal, Sight, next_step
from include.serving.kserve.shape import Entry, Exposure, Shape, shaped

NAMES = ("a", "b", "c")
MANY = 60


def entry(name: str, percent: int, replicas: int = 1) -> Entry:
    return Entry(name, name, f"s3://models/{name}", percent, replicas, f'{{"model":"{name}"}}')


def goal(**percents: int) -> Goal:
    return Goal(tuple(entry(name, percent) for name, percent in percents.items()))


@dataclass
class World:
    """KServe as it was seen to work: reads late, deletes before it writes routes, and shrinks the
    stable predictor by the canaries that are ready."""

    shape: Shape | None = None
    seen: Shape | None = None
    ready: set[str] = field(default_factory=set)
    routes: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def sight(self) -> Sight:
        assert self.shape is not None
        is_read = self.seen is not None and pairs(self.seen) == pairs(self.shape)
        exact = {self.shape.stable.name: self.shape.stable_percent}
        exact |= {canary.name: canary.percent for canary in self.shape.canaries}
        split = is_read and self.routes == exact
        is_routed = any(self.routes.values())
        return Sight(is_read, dict(self.routes), is_routed, split, frozenset(self.ready))

    def act(self, wanted: Goal) -> str:
        """Do one step; return why it waits, or that it is done."""
        if self.shape is not None and self.shape.exposure is Exposure.PUBLIC:
            wanted = wanted if wanted.exposure is Exposure.PUBLIC else Goal(())
        step = next_step(self.shape, wanted, self.sight() if self.shape else Sight())
        if step.write is None:
            return step.wait or "done"
        self.check(step.write, wanted)
        self.shape = step.write
        return "written"

    def check(self, after: Shape, wanted: Goal) -> None:
        """What no step may do, whatever else has happened."""
        before = self.shape
        if before is None or before.exposure is not Exposure.PUBLIC:
            return
        nobody_wanted = after.exposure is not Exposure.PUBLIC
        if after.stable.name != before.stable.name and not nobody_wanted:
            assert self.routes.get(after.stable.name) == 100, "promoted before it had all traffic"
            assert self.routes.get(before.stable.name, 0) == 0
            assert after.stable.name in self.ready
            heir = before.canary(after.stable.name)
            assert heir is not None
            assert heir.replicas == after.stable.replicas, "pods would go or come"
        if not nobody_wanted:
            for name in {one.name for one in before.entries} - {one.name for one in after.entries}:
                assert self.routes.get(name, 0) == 0, f"{name} leaves with traffic"

    def reconcile(self) -> None:
        if self.shape is None:
            return
        names = {one.name for one in self.shape.entries}
        gone = {name for name, weight in self.routes.items() if weight and name not in names}
        if self.shape.exposure is Exposure.PUBLIC:
            self.lost += sorted(gone)
        self.seen = self.shape
        self.ready &= names
        if self.shape.exposure is not Exposure.PUBLIC:
            self.routes = {}
            return
        if self.shape.stable.name not in self.ready:
            return
        there = [canary for canary in self.shape.canaries if canary.name in self.ready]
        self.routes = {canary.name: canary.percent for canary in there}
        self.routes[self.shape.stable.name] = 100 - sum(canary.percent for canary in there)

    def pods(self) -> int:
        """Pods that the stable predictor keeps."""
        assert self.shape is not None
        extra = sum(canary.replicas for canary in self.shape.canaries)
        taken = sum(c.replicas for c in self.shape.canaries if c.name in self.ready)
        return max(1, self.shape.stable.replicas + extra - taken)

    def start(self, name: str) -> None:
        if self.seen is not None and any(one.name == name for one in self.seen.entries):
            self.ready.add(name)

    def play(self, event: str, wanted: Goal) -> None:
        if event == "act":
            self.act(wanted)
        elif event == "reconcile":
            self.reconcile()
        else:
            self.start(event)

    def settle(self, wanted: Goal) -> str:
        told = ""
        for _ in range(MANY):
            told = self.act(wanted)
            self.reconcile()
            for name in NAMES:
                self.start(name)
            self.reconcile()
            if told == "done":
                break
        return told


def pairs(shape: Shape) -> set[tuple[str, int]]:
    return {(canary.name, canary.percent) for canary in shape.canaries}


@st.composite
def goals(draw: st.DrawFn) -> Goal:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    if not names:
        return Goal(())
    if len(names) == 1:
        return Goal((entry(names[0], draw(st.sampled_from((0, 100)))),))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(names) - 1, max_size=2)))
    cuts = cuts[: len(names) - 1]
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    count = draw(st.integers(1, 3))
    return Goal(tuple(entry(n, s, count) for n, s in zip(names, shares, strict=True)))


EVENTS = st.lists(
    st.one_of(
        st.just("act"), st.just("act"), st.just("reconcile"), st.sampled_from(("a", "b", "c"))
    ),
    max_size=8,
)
PHASES = st.lists(st.tuples(st.booleans(), goals(), EVENTS), min_size=1, max_size=6)
"""Wishes, each followed by some events in any order; some were fulfilled before the next came."""


@settings(max_examples=200)
@given(PHASES)
def test_nothing_is_lost_on_the_way_and_it_always_ends(
    phases: list[tuple[bool, Goal, list[str]]],
) -> None:
    world = World()
    for is_fulfilled, wanted, events in phases:
        for event in events:
            world.play(event, wanted)
            assert world.lost == []
            if world.shape is not None:
                assert world.pods() >= world.shape.stable.replicas, "less than the base"
        if is_fulfilled:
            assert world.settle(wanted) == "done"
    assert world.settle(wanted) == "done"
    assert world.lost == []
    assert_there(world, wanted)


def assert_there(world: World, wanted: Goal) -> None:
    if world.shape is None or not wanted.entries:
        assert world.shape is None or world.shape.exposure is Exposure.STOPPED
        return
    assert {one.name for one in world.shape.entries} == {one.name for one in wanted.entries}
    shares = {one.name: one.percent for one in wanted.entries}
    if wanted.exposure is Exposure.PUBLIC:
        assert world.routes == shares
    else:
        assert world.routes == {}


def test_a_whole_release() -> None:
    world = World()
    world.settle(goal(a=100))
    seen = []
    for wanted in (goal(a=100, b=0), goal(a=95, b=5), goal(a=0, b=100), goal(b=100)):
        assert world.settle(wanted) == "done"
        assert world.shape is not None
        seen.append((world.shape.stable.name, world.routes))
    assert seen == [
        ("a", {"a": 100, "b": 0}),
        ("a", {"a": 95, "b": 5}),
        ("a", {"a": 0, "b": 100}),
        ("b", {"b": 100}),
    ]


def test_a_canary_goes_only_when_the_routes_have_let_it_go() -> None:
    world = World()
    world.settle(goal(a=100))
    world.settle(goal(a=75, b=25))
    assert world.act(goal(a=100)) == "written"
    assert world.shape is not None
    assert pairs(world.shape) == {("b", 0)}
    assert world.act(goal(a=100)) == "the routes still lead to b"
    world.reconcile()
    assert world.act(goal(a=100)) == "written"
    assert world.shape.canaries == ()


def test_a_canary_that_was_never_read_is_not_dropped_blindly() -> None:
    present = shaped(entry("a", 100), (entry("b", 0),))
    unread = Sight(is_reconciled=False, weights={"a": 100})
    assert next_step(present, goal(a=100), unread).wait


def test_promotion_waits_for_pods_that_serve_the_package() -> None:
    present = shaped(entry("a", 0), (entry("b", 100),))
    split = Sight(is_reconciled=True, weights={"b": 100}, is_split=True)
    assert "all traffic to b" in next_step(present, goal(b=100), split).wait
    ready = replace(split, ready=frozenset({"b"}))
    written = next_step(present, goal(b=100), ready).write
    assert written is not None
    assert (written.stable.name, written.canaries) == ("b", ())


def test_a_promoted_predictor_keeps_what_it_had_of_the_stable_one() -> None:
    stable = replace(entry("a", 0), body='{"model":{"env":"x"},"serviceAccountName":"s3"}')
    heir = replace(entry("b", 100), body='{"model":{"env":"y"}}')
    seen = Sight(True, {"b": 100}, True, True, frozenset({"b"}))
    written = next_step(shaped(stable, (heir,)), Goal((heir,)), seen).write
    assert written is not None
    assert written.stable.body == '{"model":{"env":"y"},"serviceAccountName":"s3"}'


def test_going_back_without_stages_takes_all_traffic_first() -> None:
    world = World()
    world.settle(goal(a=100))
    world.settle(goal(a=100, b=0))
    assert world.act(goal(b=100)) == "written"
    assert world.shape is not None
    assert (world.shape.stable.name, pairs(world.shape)) == ("a", {("b", 100)})
    assert world.settle(goal(b=100)) == "done"
    assert world.routes == {"b": 100}


def test_several_variants_and_traffic_for_nobody_is_no_wish() -> None:
    with pytest.raises(BadInput, match="traffic for none"):
        next_step(None, goal(a=0, b=0), Sight())
