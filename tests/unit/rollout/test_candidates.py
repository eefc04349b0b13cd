from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import BadInput
from include.rollout.candidates import Question, choose

NUMBERS = st.tuples(st.integers(1, 4), st.integers(0, 12), st.integers(0, 12))
VERSIONS = NUMBERS.map(lambda n: ".".join(map(str, n)))
EVENT = Question(
    requested="",
    announced=("1.2.0",),
    registered=("1.0.0", "1.1.0", "1.2.0"),
    handled=(),
    live="1.0.0",
)


def order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_an_event_releases_the_version_it_names() -> None:
    assert choose(EVENT).version == "1.2.0"


def test_of_several_events_the_newest_wins_and_the_others_are_superseded() -> None:
    choice = choose(replace(EVENT, announced=("1.2.0", "1.1.0", "1.2.0")))
    assert (choice.version, choice.superseded) == ("1.2.0", ("1.1.0",))
    assert "superseded: 1.1.0" in choice.reason


def test_ten_is_newer_than_nine() -> None:
    named = ("1.9.0", "1.10.0")
    assert choose(replace(EVENT, announced=named, registered=named)).version == "1.10.0"


@pytest.mark.parametrize(
    "change",
    [
        {"handled": ("1.2.0",)},
        {"live": "1.2.0"},
        {"live": "2.0.0"},
        {"announced": ("9.9.9",)},
        {"announced": (), "registered": ()},
    ],
    ids=["handled", "live", "older than live", "unknown", "nothing registered"],
)
def test_nothing_is_left_to_release(change: dict[str, object]) -> None:
    choice = choose(replace(EVENT, **change))  # type: ignore[arg-type]
    assert choice.version == ""
    assert choice.reason.startswith("nothing to release")


def test_a_run_by_hand_without_a_version_takes_the_newest_unhandled_one() -> None:
    assert choose(replace(EVENT, announced=())).version == "1.2.0"


def test_a_person_may_go_back_or_try_again() -> None:
    asked = replace(EVENT, requested="1.0.0", live="1.2.0", handled=("1.0.0",))
    assert choose(asked).version == "1.0.0"


def test_what_is_live_is_not_released_again() -> None:
    assert choose(replace(EVENT, requested="1.0.0")).version == ""


def test_a_version_nobody_registered_is_refused() -> None:
    with pytest.raises(BadInput, match=r"1\.0\.0, 1\.1\.0, 1\.2\.0"):
        choose(replace(EVENT, requested="3.0.0"))


@given(
    announced=st.lists(VERSIONS, max_size=6),
    registered=st.lists(VERSIONS, max_size=6),
    handled=st.lists(VERSIONS, max_size=3),
    live=st.one_of(st.just(""), VERSIONS),
)
def test_events_only_ever_go_forward(
    announced: list[str], registered: list[str], handled: list[str], live: str
) -> None:
    question = Question("", tuple(announced), tuple(registered), tuple(handled), live)
    choice = choose(question)
    for version in (choice.version, *choice.superseded):
        if version:
            assert version in registered
            assert version not in handled
            assert not live or order(version) > order(live)
    assert all(order(passed) < order(choice.version) for passed in choice.superseded)
