"""Random changes of the wanted state over replicas that become ready and fail at random."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from include.serving.endpoint import Health, Variant
from tests.support.puppets import EVERY, hosted, variant, wish

pytestmark = pytest.mark.usefixtures("puppets")

wishes = st.lists(
    st.tuples(
        st.sampled_from(["stable", "candidate", "other"]), st.integers(1, 3), st.integers(0, 2)
    ),
    max_size=3,
    unique_by=lambda one: one[0],
).map(
    lambda many: tuple(
        variant(name, version, (100 if n == 0 else 0), replicas)
        for n, (name, version, replicas) in enumerate(many)
    )
)


class Changes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        EVERY.clear()
        self.loop = asyncio.new_event_loop()
        self.endpoint = hosted()

    def turn(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.run_until_complete(asyncio.sleep(0))

    @rule(variants=wishes)
    def want(self, variants: tuple[Variant, ...]) -> None:
        before = self.answering()

        async def apply() -> None:
            self.endpoint.want(wish(*variants))

        self.loop.run_until_complete(apply())
        for one in variants:
            kept = one.name in before and one.replicas
            if kept:
                found = self.endpoint.deployment(one.name)
                assert found is not None
                assert found.able, f"{one.name} answered before and does not now"
        self.turn()

    @precondition(lambda self: any(p.health is not Health.STOPPED for p in EVERY))
    @rule(data=st.data(), health=st.sampled_from([Health.READY, Health.READY, Health.UNHEALTHY]))
    def happen(self, data: st.DataObject, health: Health) -> None:
        alive = [p for p in EVERY if p.health is not Health.STOPPED]
        puppet = data.draw(st.sampled_from(alive))

        async def change() -> None:
            puppet.become(health)

        self.loop.run_until_complete(change())
        self.turn()

    def answering(self) -> set[str]:
        names = [one.name for one in self.endpoint.wanted.variants]
        found = {name: self.endpoint.deployment(name) for name in names}
        return {name for name, one in found.items() if one is not None and one.able}

    @invariant()
    def the_observation_lists_what_is_wanted(self) -> None:
        seen = self.endpoint.observe()
        wanted = self.endpoint.wanted.variants
        assert [(s.name, s.version) for s in seen.variants] == [(v.name, v.version) for v in wanted]
        for state, one in zip(seen.variants, wanted, strict=True):
            assert state.weight in {0, one.weight}
            assert state.weight == 0 or state.health is Health.READY

    @invariant()
    def nobody_is_forgotten(self) -> None:
        held = set(map(id, self.endpoint.replicas))
        for puppet in EVERY:
            assert puppet.health is Health.STOPPED or id(puppet) in held

    @invariant()
    def whoever_is_chosen_can_answer(self) -> None:
        name = self.endpoint.choose("")
        if name is not None:
            chosen = self.endpoint.deployment(name)
            assert chosen is not None
            assert chosen.pick() is not None

    def teardown(self) -> None:
        self.loop.run_until_complete(self.endpoint.stop())
        self.turn()
        assert all(puppet.health is Health.STOPPED for puppet in EVERY)
        self.loop.close()


TestChanges = Changes.TestCase
TestChanges.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
