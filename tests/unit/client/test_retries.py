"""The bounds of trying again."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.retries import Retries, retry_after

ASKED = st.none() | st.floats(min_value=0, max_value=10_000)


@given(tried=st.integers(min_value=1, max_value=100), asked=ASKED)
def test_a_wait_is_never_negative_and_never_above_the_cap(tried: int, asked: float | None) -> None:
    assert 0 <= Retries().wait(tried, asked) <= Retries().cap_seconds


@given(tried=st.integers(min_value=1, max_value=100))
def test_what_the_server_asks_for_is_the_least_up_to_the_cap(tried: int) -> None:
    assert Retries().wait(tried, 2.0) >= 2.0
    assert Retries().wait(tried, 900.0) == Retries().cap_seconds


@given(
    tried=st.integers(min_value=1, max_value=100),
    elapsed=st.floats(min_value=0, max_value=1000),
)
def test_it_ends_with_the_tries_or_with_the_time(tried: int, elapsed: float) -> None:
    bounds = Retries(attempts=5, budget_seconds=30)
    assert bounds.may_try_again(tried, elapsed) == (tried < 5 and elapsed < 30)


def test_the_defaults_outlast_a_restart_of_the_api_server() -> None:
    bounds = Retries()
    longest = sum(
        min(bounds.cap_seconds, bounds.first_seconds * 2 ** (tried - 1))
        for tried in range(1, bounds.attempts)
    )
    # Full jitter waits half of the longest on average.
    assert longest / 2 >= 30


@pytest.mark.parametrize(("value", "seconds"), [("2", 2.0), ("", None), ("Tue, 24 Nov", None)])
def test_only_whole_seconds_are_read(value: str, seconds: float | None) -> None:
    assert retry_after(httpx.Response(503, headers={"retry-after": value})) == seconds
