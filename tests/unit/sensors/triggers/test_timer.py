from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sensors.triggers.timer import Timer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class Clocks:
    """A wall clock that jumps, and one that runs."""

    wall: datetime = NOON
    running: float = 1000.0

    def timer(self, seconds: float, longest: float) -> Timer:
        until = (NOON + timedelta(seconds=seconds)).isoformat()
        return Timer(until, longest, now=lambda: self.wall, monotonic=lambda: self.running)


def test_it_runs_down() -> None:
    clocks = Clocks()
    timer = clocks.timer(60, 60)
    clocks.running += 59.9
    assert not timer.is_over
    clocks.running += 0.2
    assert timer.is_over


@given(st.floats(-1e6, 1e6), st.floats(0, 3600))
def test_a_clock_that_jumps_changes_nothing(jump: float, passed: float) -> None:
    clocks = Clocks()
    timer = clocks.timer(1800, 1800)
    clocks.wall += timedelta(seconds=jump)
    clocks.running += passed
    assert timer.is_over is (passed >= 1800)


def test_a_triggerer_that_starts_again_goes_on_where_the_deadline_says() -> None:
    clocks = Clocks()
    clocks.wall += timedelta(seconds=50)
    timer = clocks.timer(60, 60)
    clocks.running += 11
    assert timer.is_over


def test_a_clock_that_was_set_back_makes_no_wait_longer() -> None:
    clocks = Clocks(wall=NOON - timedelta(days=1))
    timer = clocks.timer(60, 60)
    clocks.running += 61
    assert timer.is_over


def test_what_is_past_is_over_at_once() -> None:
    assert Clocks(wall=NOON + timedelta(hours=1)).timer(60, 60).is_over
