"""Observed and wanted split, and labels that do not arrive equally."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.evidence.split import deviations, is_off, is_uneven
from include.evidence.tally import Evidence


@given(rounds=st.integers(0, 500), percent=st.sampled_from([1, 5, 20, 25, 50, 100]))
def test_exact_turns_are_never_off(rounds: int, percent: int) -> None:
    everybody = rounds * (100 // percent)
    assert deviations(rounds, everybody, percent) == pytest.approx(0)
    assert not is_off(rounds + 1, everybody + 1, percent)


@pytest.mark.parametrize(
    ("candidate", "everybody", "percent", "off"),
    [
        (0, 1000, 5, True),
        (90, 1000, 5, True),
        (60, 1000, 5, False),
        (0, 99, 50, False),
        (1000, 1000, 25, True),
        (990, 1000, 100, True),
        (996, 1000, 100, False),
    ],
)
def test_another_split_is_off(candidate: int, everybody: int, percent: int, off: bool) -> None:
    assert is_off(candidate, everybody, percent) is off


def test_units_make_it_coarser_and_not_blind() -> None:
    assert is_off(90, 1000, 5)
    assert not is_off(90, 1000, 5, units=True)
    assert is_off(0, 10_000, 5, units=True)
    assert is_off(3000, 10_000, 5, units=True)


@settings(deadline=None)
@given(
    rate=st.integers(1, 3000),
    percent=st.sampled_from([1, 5, 25, 50, 75]),
    scrapes=st.integers(1, 200),
    shift=st.floats(0, 1),
    ours=st.booleans(),
)
def test_counts_that_are_older_by_one_scrape_are_not_off(
    rate: int, percent: int, scrapes: int, shift: float, ours: bool
) -> None:
    each = rate * percent, rate * (100 - percent)
    candidate = each[0] * scrapes - (round(each[0] * shift) if ours else 0)
    stable = each[1] * scrapes - (0 if ours else round(each[1] * shift))
    assert not is_off(candidate, candidate + stable, percent, behind=1 / scrapes)


@pytest.mark.parametrize(
    ("candidate", "everybody", "percent"),
    [(0, 1000, 25), (1000, 1000, 25), (400, 1000, 25), (100, 1000, 25), (600, 1000, 50)],
)
def test_counts_that_are_a_little_older_hide_no_other_split(
    candidate: int, everybody: int, percent: int
) -> None:
    assert is_off(candidate, everybody, percent, behind=0.05)


@pytest.mark.parametrize(
    ("seconds", "apart", "behind"), [(60, 15, 0.25), (5, 15, 1), (0, 15, 1), (0, 0, 0), (9, 0, 0)]
)
def test_what_may_lack_grows_smaller_with_time(seconds: float, apart: float, behind: float) -> None:
    assert Evidence("toy", 1, seconds, apart=apart).behind == behind


@pytest.mark.parametrize(
    ("labels", "predictions", "uneven"),
    [
        ((50, 950), (100, 1900), False),
        ((5, 950), (100, 1900), True),
        ((0, 500), (500, 500), True),
        ((40, 40), (500, 500), False),
        ((5000, 5600), (10_000, 10_000), False),
        ((5, 5), (0, 10), False),
    ],
)
def test_labels_that_miss_one_version(
    labels: tuple[int, int], predictions: tuple[int, int], uneven: bool
) -> None:
    assert is_uneven(labels, predictions) is uneven
