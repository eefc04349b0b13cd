from __future__ import annotations

from itertools import product

import pytest

from include.serving.endpoint import Health
from include.serving.remarks import Standing, remark
from include.serving.streak import Streak
from tests.support.puppets import Puppet, hosted, variant, wish

STABLE, CANDIDATE = variant("stable", 1, 95), variant("candidate", 2, 5)
DARK, SHADOW = variant("candidate", 2, 0), variant("candidate", 2, 0, mirror=50)


def lines(*standings: Standing) -> list[str]:
    return [remark(one, standings) for one in standings]


def test_nothing_is_said_where_all_is_well() -> None:
    assert lines(Standing(STABLE, True, ""), Standing(CANDIDATE, True, "")) == ["", ""]
    assert lines(Standing(variant("stable", 1, 100), True, ""), Standing(DARK, False, "")) == [
        "", "",
    ]  # fmt: skip


def test_who_answers_for_whom() -> None:
    assert lines(Standing(STABLE, False, "gone"), Standing(CANDIDATE, True, "")) == [
        "gone; candidate answers for it",
        "answers for stable too",
    ]
    assert lines(Standing(STABLE, True, ""), Standing(CANDIDATE, False, "")) == [
        "answers for candidate too",
        "stable answers for it",
    ]


def test_a_variant_without_weight_does_not_stand_in() -> None:
    all_traffic = Standing(variant("stable", 1, 100), False, "gone")
    said = "gone; requests are refused: nobody else has a weight"
    assert lines(all_traffic, Standing(DARK, True, "")) == [said, ""]


def test_two_that_are_gone_refuse() -> None:
    for line in lines(Standing(STABLE, False, ""), Standing(CANDIDATE, False, "")):
        assert line.startswith("requests are refused")


def test_a_shadow_that_is_not_ready() -> None:
    stable = Standing(variant("stable", 1, 100), True, "")
    assert lines(stable, Standing(SHADOW, False, "starts"))[1] == (
        "starts; nothing is mirrored to it meanwhile"
    )
    assert lines(stable, Standing(SHADOW, True, ""))[1] == ""


def test_a_streak_is_said_until_a_good_answer() -> None:
    streak = Streak()
    assert streak.message == ""
    streak.failed("status 500")
    assert streak.message == "failed its last 1 request: status 500"
    streak.failed("no answer within 2 s")
    assert streak.message == "failed its last 2 requests: no answer within 2 s"
    streak.ended()
    assert streak.message == ""


@pytest.mark.usefixtures("puppets")
@pytest.mark.parametrize(("first", "second"), list(product([True, False], repeat=2)))
def test_the_observation_says_what_the_router_does(
    puppets: list[Puppet], first: bool, second: bool
) -> None:
    endpoint = hosted()

    async def work() -> None:
        endpoint.want(wish(STABLE, CANDIDATE))
        for puppet, ready in zip(puppets, (first, second), strict=True):
            puppet.become(Health.READY if ready else Health.UNHEALTHY)

    import asyncio

    asyncio.run(work())
    chosen = {endpoint.choose("") for _ in range(100)}
    said = {state.name: state.message for state in endpoint.observe().variants}
    weights = {state.name: state.weight for state in endpoint.observe().variants}
    expected = {name for name, ready in (("stable", first), ("candidate", second)) if ready}
    assert chosen == (expected or {None})
    assert weights == {"stable": 95 * first, "candidate": 5 * second}
    for name in expected:
        assert ("answers for" in said[name]) == (len(expected) == 1)
