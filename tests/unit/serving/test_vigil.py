from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.serving.backoff import Backoff
from include.serving.timings import Timings
from include.serving.vigil import Vigil

TIMINGS = Timings(misses=3, start_within=10, healthy_after=60)


def test_three_misses_in_a_row_and_not_before() -> None:
    vigil = Vigil(TIMINGS, 0)
    answers = [True, False, False, True, False, False]
    assert [vigil.note(answer, n) for n, answer in enumerate(answers)] == [""] * 6
    assert vigil.note(False, 6) == "3 health checks in a row were missed"


def test_a_server_may_take_its_time_to_start_but_not_for_ever() -> None:
    vigil = Vigil(TIMINGS, 100.0)
    assert all(vigil.note(False, 100.0 + second) == "" for second in range(11))
    assert vigil.note(False, 110.5) == "not ready within 10 s"


def test_past_failures_are_forgotten_after_a_healthy_minute() -> None:
    vigil = Vigil(TIMINGS, 0)
    assert not vigil.proven(1000)
    vigil.note(True, 5)
    assert not vigil.proven(64.9)
    assert vigil.proven(65)


@given(st.lists(st.booleans(), max_size=60))
def test_it_gives_up_exactly_at_the_first_three_misses_after_the_first_answer(
    answers: list[bool],
) -> None:
    vigil = Vigil(TIMINGS, 0)
    text = "".join("a" if answer else "m" for answer in answers)
    first = text.find("a")
    expected = text.find("mmm", first) + 2 if first >= 0 and "mmm" in text[first:] else None
    ended = next((n for n, a in enumerate(answers) if vigil.note(a, n / 100)), None)
    assert ended == expected


def test_pauses_double_up_to_the_longest_and_begin_again() -> None:
    backoff = Backoff(1, 30)
    assert [backoff.next() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next() == 1
