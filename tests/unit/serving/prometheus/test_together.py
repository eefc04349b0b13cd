from __future__ import annotations

import asyncio

import pytest

from include.errors import MetricsUnavailable
from include.serving.prometheus.conditions import Condition, unmeasured
from include.serving.prometheus.together import together


async def answer(seconds: float, what: str) -> str:
    await asyncio.sleep(seconds)
    return what


async def refuse() -> str:
    await asyncio.sleep(0)
    lost = unmeasured(Condition.DOWN, "it is down", where="there", remedy="Bring it back")
    raise lost from ConnectionError("refused")


def test_answers_stand_in_the_order_of_the_questions() -> None:
    asked = together([answer(0.02, "late"), answer(0, "early")])
    assert asyncio.run(asked) == ["late", "early"]
    assert asyncio.run(together([])) == []


def test_a_failure_ends_the_others_before_it_is_told() -> None:
    ended: list[str] = []

    async def slow() -> str:
        try:
            return await answer(60, "never")
        finally:
            await asyncio.sleep(0.01)
            ended.append("slow")

    async def story() -> None:
        with pytest.raises(MetricsUnavailable, match="it is down") as caught:
            await together([slow(), refuse(), slow()])
        assert ended == ["slow", "slow"]
        assert isinstance(caught.value.__cause__, ConnectionError)

    asyncio.run(story())


def test_a_caller_that_is_cancelled_leaves_nothing_behind() -> None:
    ended: list[str] = []

    async def slow() -> str:
        try:
            return await answer(60, "never")
        finally:
            ended.append("slow")

    async def story() -> None:
        asking = asyncio.create_task(together([slow(), slow()]))
        await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(story())
    assert ended == ["slow", "slow"]
