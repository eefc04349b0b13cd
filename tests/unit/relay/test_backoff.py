from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.relay.backoff import LONGEST_SECONDS, pause


@given(st.integers(-5, 10**9))
def test_pauses_grow_and_have_a_ceiling(failures: int) -> None:
    now, later = pause(failures), pause(failures + 1)
    assert 1 <= now.total_seconds() <= later.total_seconds() <= LONGEST_SECONDS


def test_the_first_pauses() -> None:
    assert [pause(n).total_seconds() for n in (1, 2, 3, 9, 10)] == [1, 2, 4, 256, 300]
