from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.verdict import Verdict, worst

verdicts = st.lists(st.sampled_from(list(Verdict)))


def test_no_check_at_all_is_no_data() -> None:
    assert worst([]) is Verdict.NO_DATA


@given(verdicts)
def test_passes_only_when_every_check_passes(found: list[Verdict]) -> None:
    assert (worst(found) is Verdict.PASS) == (set(found) == {Verdict.PASS})


@given(verdicts)
def test_one_failure_is_never_hidden(found: list[Verdict]) -> None:
    assert (worst(found) is Verdict.FAIL) == (Verdict.FAIL in found)
