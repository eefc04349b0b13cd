from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from include.client.messages.rollouts import EndpointRecord, RolloutState, VariantWish
from include.errors import BadInput, Conflict, FencedOut
from include.rollout import variants
from include.rollout.ownership import check_free, check_token
from include.rollout.states import ENDS, FOLLOWERS, check_move, is_end

STATES = st.sampled_from(list(RolloutState))


def endpoint(owner: str = "", token: int = 0, model: str = "ames") -> EndpointRecord:
    return EndpointRecord(
        name="ames", model=model, owner=owner, fencing_token=token, revision=0, variants=()
    )


def test_the_ends_are_the_six() -> None:
    assert {state.value for state in ENDS} == {
        "promoted", "refused", "rolled_back", "failed", "superseded", "stopped",
    }  # fmt: skip


def test_whatever_begins_can_end_and_nothing_is_unreachable() -> None:
    reached, frontier = {RolloutState.OPENED}, [RolloutState.OPENED]
    while frontier:
        for follower in FOLLOWERS.get(frontier.pop(), ()):
            if follower not in reached:
                reached.add(follower)
                frontier.append(follower)
    assert reached == set(RolloutState)
    assert all(followers & ENDS for followers in FOLLOWERS.values())


class Rollouts(RuleBasedStateMachine):
    """Any sequence of wishes: a rollout never skips a step and never leaves an end."""

    def __init__(self) -> None:
        super().__init__()
        self.past = [RolloutState.OPENED]

    @rule(wanted=STATES)
    def wish(self, wanted: RolloutState) -> None:
        now = self.past[-1]
        try:
            check_move("r", now, wanted)
        except Conflict:
            assert is_end(now) or wanted not in FOLLOWERS[now]
        else:
            self.past.append(wanted)

    @invariant()
    def promoted_means_verified_dark_and_approved(self) -> None:
        if RolloutState.PROMOTED in self.past:
            way = [state.value for state in self.past if state is not RolloutState.STAGED]
            assert way == ["opened", "approved", "dark", "verified", "promoted"]

    @invariant()
    def an_end_is_last(self) -> None:
        assert not any(is_end(state) for state in self.past[:-1])


TestRollouts = Rollouts.TestCase


def test_owning_gives_a_greater_token() -> None:
    assert check_free(endpoint(token=4), "ames") == 5
    with pytest.raises(Conflict, match="rollout x owns"):
        check_free(endpoint("x", 4), "ames")
    with pytest.raises(Conflict, match="serves bike"):
        check_free(endpoint(model="bike"), "ames")


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["", "x"]))
def test_only_the_owner_shows_the_token(shown: int, token: int, owner: str) -> None:
    if owner and shown == token:
        check_token(endpoint(owner, token), shown)
    else:
        with pytest.raises(FencedOut):
            check_token(endpoint(owner, token), shown)


def wished(*weights: int, replicas: int = 1) -> tuple[VariantWish, ...]:
    return tuple(
        VariantWish(
            name=f"v{n}", version="1.0.0", package_uri="u", package_digest="p", weight=weight,
            replicas=replicas,
        )
        for n, weight in enumerate(weights)
    )  # fmt: skip


@given(st.lists(st.integers(-10, 110), max_size=4))
def test_weights_are_a_split(weights: list[int]) -> None:
    is_split = all(0 <= w <= 100 for w in weights) and sum(weights) in {0, 100}
    if is_split:
        variants.check(wished(*weights))
    else:
        with pytest.raises(BadInput):
            variants.check(wished(*weights))


def test_names_and_replicas() -> None:
    for wrong in ((*wished(0), *wished(100)), wished(100, replicas=101), wished(100, replicas=-1)):
        with pytest.raises(BadInput):
            variants.check(wrong)
    with pytest.raises(BadInput):
        variants.check((wished(100)[0].model_copy(update={"name": "../v"}),))
