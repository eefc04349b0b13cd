from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import AirworthyError, BadInput
from include.serving import faults, limits
from include.serving.dispatch import Dispatcher
from include.serving.endpoint import Health
from include.serving.faults import TooBusy, TooManyRequests
from include.serving.limits import Limits, Turnstile
from include.serving.timings import Timings
from include.serving.witness import Asked
from tests.support.puppets import Fleet, Notes, Puppet, hosted, variant, wish

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 50), st.lists(st.tuples(st.floats(0, 3), st.integers(0, 40)), max_size=30))
def test_never_more_than_the_rate_and_one_burst(rate: int, waves: list[tuple[float, int]]) -> None:
    clock = Clock()
    turnstile, admitted, began = Turnstile(Limits(rate, 10**6), clock), 0, clock.now
    for pause, requests in waves:
        clock.now += pause
        for _ in range(requests):
            try:
                turnstile.enter("loans")
            except TooManyRequests:
                continue
            admitted += 1
        assert admitted <= 2 * rate + rate * (clock.now - began) + 1e-6


@given(st.integers(1, 50), st.integers(1, 200))
def test_whoever_keeps_to_the_rate_is_never_refused(rate: int, requests: int) -> None:
    clock = Clock()
    turnstile = Turnstile(Limits(rate), clock)
    for _ in range(requests):
        turnstile.enter("loans")
        turnstile.leave()
        clock.now += 1 / rate


def test_a_burst_comes_back_with_time() -> None:
    clock = Clock()
    turnstile = Turnstile(Limits(rate=5), clock)
    for _ in range(10):
        turnstile.enter("loans")
    with pytest.raises(TooManyRequests, match="more than 5 requests a second"):
        turnstile.enter("loans")
    clock.now += 0.2
    turnstile.enter("loans")
    with pytest.raises(TooManyRequests):
        turnstile.enter("loans")


def test_only_so_many_are_inside_and_a_refusal_takes_no_place() -> None:
    turnstile = Turnstile(Limits(concurrent=2))
    turnstile.enter("loans")
    turnstile.enter("loans")
    for _ in range(3):
        with pytest.raises(TooBusy, match="2 requests are being answered"):
            turnstile.enter("loans")
    turnstile.leave()
    turnstile.enter("loans")
    assert turnstile.inside == 2


@pytest.mark.parametrize(
    ("error", "status"), [(TooManyRequests("x"), 429), (TooBusy("x"), 503)], ids=["rate", "busy"]
)
def test_a_refusal_says_when_to_ask_again(error: AirworthyError, status: int) -> None:
    assert faults.status_of(error) == status
    assert (b"retry-after", b"1") in faults.headers_of(error)


def test_limits_are_read_from_the_installation() -> None:
    assert limits.read("", "") == Limits()
    assert limits.read("12.5", "3") == Limits(12.5, 3)


@pytest.mark.parametrize("rate", ["0", "-1", "many", "nan", "inf", "1e99"])
def test_a_limit_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(BadInput, match="AIRWORTHY_ROUTER_RATE"):
        limits.read(rate, "")


def dispatcher(puppets: list[Puppet], given: Limits) -> tuple[Dispatcher, Notes]:
    endpoint, notes = hosted(), Notes()
    endpoint.want(wish(variant("stable", 1, 100)))
    puppets[0].become(Health.READY)
    made = Dispatcher(Fleet(endpoint), Timings(), (notes,), given)  # type: ignore[arg-type]
    return made, notes


def run(work: Callable[[], object]) -> None:
    asyncio.run(work())  # type: ignore[arg-type]


def test_refused_requests_reach_no_server_and_are_told(puppets: list[Puppet]) -> None:
    async def work() -> None:
        sends, notes = dispatcher(puppets, Limits(rate=1))
        for _ in range(2):
            await sends.predict(Asked("loans", b"{}", "a"))
        with pytest.raises(TooManyRequests):
            await sends.predict(Asked("loans", b"{}", "b"))
        ((asked, name, _, error),) = notes.failures
        assert (asked.request_id, name) == ("b", "")
        assert isinstance(error, TooManyRequests)
        await sends.predict(Asked("loans", b"{}", "dark", variant="stable"))

    run(work)
    assert puppets[0].upstream.got == ["a", "a", "dark"]


def test_a_place_is_free_again_after_an_answer_and_after_a_failure(puppets: list[Puppet]) -> None:
    async def work() -> None:
        sends, _ = dispatcher(puppets, Limits(concurrent=1))
        upstream = puppets[0].upstream
        upstream.open = asyncio.Event()
        waiting = asyncio.create_task(sends.predict(Asked("loans", b"{}", "a")))
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await sends.predict(Asked("loans", b"{}", "b"))
        upstream.open.set()
        await waiting
        upstream.error = TimeoutError()
        with pytest.raises(faults.AnsweredLate):
            await sends.predict(Asked("loans", b"{}", "c"))
        upstream.error = None
        await sends.predict(Asked("loans", b"{}", "d"))

    run(work)
