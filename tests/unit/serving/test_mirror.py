from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.serving.desired import DesiredStates
from include.serving.dispatch import Dispatcher
from include.serving.documents import EndpointDocument
from include.serving.endpoint import Health
from include.serving.faults import AnswerLost
from include.serving.mirror import MOST
from include.serving.timings import Timings
from include.serving.upstream import Unanswered
from include.serving.witness import Asked
from tests.support.puppets import Fleet, Notes, Puppet, hosted, variant, wish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from include.serving.endpoint import Endpoint

pytestmark = pytest.mark.usefixtures("puppets")


def shadowed(mirror: int) -> Endpoint:
    return wish(variant("stable", 1, 100), variant("candidate", 2, 0, mirror=mirror), revision=4)


class Stage:
    """A dispatcher over one endpoint with a stable variant and a shadow, both ready."""

    def __init__(self, puppets: list[Puppet], mirror: int, seconds: float = 0.05) -> None:
        self.endpoint, self.notes = hosted(), Notes()
        self.endpoint.want(shadowed(mirror))
        self.stable, self.shadow = puppets
        for puppet in puppets:
            puppet.become(Health.READY)
        timings = Timings(mirror_within=seconds)
        self.dispatcher = Dispatcher(Fleet(self.endpoint), timings, (self.notes,))  # type: ignore[arg-type]

    async def ask(self, number: int = 0, unit: str = "", dark: str = "") -> str:
        asked = Asked("loans", b"{}", f"r{number}", unit, dark)
        return (await self.dispatcher.predict(asked)).variant

    async def settled(self) -> None:
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            while self.shadow.in_flight:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0)


def play(
    puppets: list[Puppet], what: Callable[[Stage], Awaitable[None]], mirror: int = 100
) -> None:
    async def run() -> None:
        stage = Stage(puppets, mirror)
        await what(stage)
        await stage.settled()

    asyncio.run(run())


def test_a_copy_goes_to_the_shadow_and_the_caller_sees_nothing_of_it(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        assert await stage.ask(7) == "stable"
        assert stage.shadow.upstream.got == []
        await stage.settled()
        assert stage.shadow.upstream.got == ["r7"]
        ((asked, visible, shadow, name, version),) = stage.notes.pairs
        assert (asked.request_id, asked.revision, name, version) == ("r7", 4, "candidate", "2.0.0")
        assert visible is not None
        assert shadow is not None
        assert (visible.variant, shadow.variant) == ("stable", "candidate")
        assert [one.variant for one in stage.notes.answers] == ["stable"]

    play(puppets, what)


@pytest.mark.parametrize("mirror", [0, 1, 30, 99, 100])
def test_a_hundred_requests_give_exactly_so_many_copies(puppets: list[Puppet], mirror: int) -> None:
    async def what(stage: Stage) -> None:
        for number in range(100):
            await stage.ask(number)
            await stage.settled()

    play(puppets, what, mirror)
    assert len(puppets[1].upstream.got) == mirror


def test_a_unit_is_always_copied_or_never(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        for number in range(300):
            await stage.ask(number, unit=f"unit-{number % 100}")
            await stage.settled()

    play(puppets, what, 40)
    copied = Counter(int(one[1:]) % 100 for one in puppets[1].upstream.got)
    assert set(copied.values()) == {3}
    assert 20 < len(copied) < 60


@given(st.text(max_size=20), st.integers(0, 99), st.integers(1, 100))
def test_a_growing_share_keeps_the_units_that_it_copies(unit: str, low: int, more: int) -> None:
    from include.serving.choice import Share, sampled

    high = min(100, low + more)
    before, after = (sampled("loans", unit, [Share("shadow", share)]) for share in (low, high))
    assert set(before) <= set(after)


def test_the_dark_path_is_never_copied(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        assert await stage.ask(dark="stable") == "stable"
        assert await stage.ask(dark="candidate") == "candidate"

    play(puppets, what)
    assert len(puppets[1].upstream.got) == 1


@pytest.mark.parametrize("status", [200, 400, 500])
def test_whatever_the_caller_got_is_copied(puppets: list[Puppet], status: int) -> None:
    async def what(stage: Stage) -> None:
        stage.stable.upstream.status = status
        await stage.ask()
        await stage.settled()
        ((_, visible, _, _, _),) = stage.notes.pairs
        assert visible is not None
        assert visible.answer.status == status

    play(puppets, what)


def test_a_request_that_nobody_answered_is_copied_as_such(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        stage.stable.upstream.error = Unanswered("gone")
        with pytest.raises(AnswerLost):
            await stage.ask()
        await stage.settled()
        ((_, visible, shadow, _, _),) = stage.notes.pairs
        assert visible is None
        assert shadow is not None

    play(puppets, what)


@pytest.mark.parametrize("fault", ["gone", "hangs"])
def test_a_shadow_that_fails_is_told_and_not_asked_again(puppets: list[Puppet], fault: str) -> None:
    async def what(stage: Stage) -> None:
        if fault == "hangs":
            stage.shadow.upstream.open = asyncio.Event()
        else:
            stage.shadow.upstream.error = Unanswered("gone")
        assert await stage.ask() == "stable"
        await stage.settled()
        ((_, visible, shadow, name, _),) = stage.notes.pairs
        assert (shadow, name) == (None, "candidate")
        assert visible is not None
        assert stage.notes.failures == []

    play(puppets, what)
    assert len(puppets[1].upstream.got) == 1
    assert "failed its last 1 request: " in puppets[1].streak.message


def test_a_busy_shadow_drops_copies_and_delays_nobody(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        stage.shadow.upstream.open = asyncio.Event()
        for number in range(MOST + 10):
            assert await stage.ask(number) == "stable"
        assert stage.shadow.in_flight == MOST
        assert len(stage.notes.drops) == 10
        assert stage.notes.drops[0][0].request_id == f"r{MOST}"
        await stage.settled()
        assert await stage.ask(999) == "stable"

    play(puppets, what)
    assert puppets[1].upstream.got[-1] == "r999"


def test_a_shadow_that_is_not_ready_gets_nothing_and_changes_nothing(
    puppets: list[Puppet],
) -> None:
    async def what(stage: Stage) -> None:
        stage.shadow.become(Health.UNHEALTHY)
        assert await stage.ask() == "stable"
        assert stage.notes.pairs == stage.notes.drops == []

    play(puppets, what)
    assert puppets[1].upstream.got == []


def test_a_shadow_that_went_away_meanwhile_is_a_dropped_copy(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        stage.stable.upstream.open = asyncio.Event()
        asking = asyncio.create_task(stage.ask())
        await asyncio.sleep(0)
        stage.shadow.become(Health.UNHEALTHY)
        stage.stable.upstream.open.set()
        assert await asking == "stable"
        assert len(stage.notes.drops) == 1

    play(puppets, what)


def test_a_retried_request_is_copied_once(puppets: list[Puppet]) -> None:
    async def what(stage: Stage) -> None:
        stage.endpoint.want(
            wish(variant("stable", 1, 100, 2), variant("candidate", 2, 0, mirror=100), revision=5)
        )
        other = puppets[2]
        other.become(Health.READY)
        stage.stable.upstream.error = Unanswered("gone")
        stage.stable.in_flight = 0
        assert await stage.ask() == "stable"
        await stage.settled()
        assert len(stage.notes.pairs) == 1

    play(puppets, what)


def test_a_mirror_survives_the_disk_and_the_border(tmp_path: Path) -> None:
    wanted = shadowed(35)
    states = DesiredStates(tmp_path)
    states.save(wanted)
    assert states.load().endpoints == (wanted,)
    assert EndpointDocument.of(wanted).value() == wanted


@pytest.mark.parametrize(("weight", "mirror"), [(100, 1), (100, 100), (0, 101), (0, -1)])
def test_a_mirror_that_makes_no_sense_is_refused(weight: int, mirror: int) -> None:
    with pytest.raises(ValidationError):
        EndpointDocument.of(wish(variant("stable", 1, weight, mirror=mirror)))
