from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.pods.labels import selector, value

if TYPE_CHECKING:
    from include.pods.labels import PodIdentity

VALID = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")


@given(st.text(max_size=300))
def test_any_text_gives_a_valid_label(text: str) -> None:
    made = value(text)
    assert len(made) <= 63
    assert VALID.fullmatch(made)


def test_a_text_that_is_valid_stays_as_it_is() -> None:
    assert value("fit_candidate") == "fit_candidate"


def test_texts_that_look_alike_stay_apart() -> None:
    assert value("manual__2026-01-01T00:00:00+00:00") != value("manual__2026-01-01T00:00:00-00:00")
    assert value("x" * 80) != value("x" * 81)


def test_a_later_try_is_found_by_the_work_and_not_by_the_try(identity: PodIdentity) -> None:
    later = replace(identity, try_number=3)
    assert later.same_work == identity.same_work
    assert later.labels != identity.labels
    assert later.same_work.items() <= later.labels.items()


def test_other_work_of_the_same_task_is_another_pod(identity: PodIdentity) -> None:
    assert replace(identity, key="ff" * 32).same_work != identity.same_work


@pytest.mark.parametrize(
    ("model", "task", "index", "name"),
    [
        ("mortgage_approval", "fit", 3, "mortgage-approval-fit-3"),
        ("m", "Group.fit", -1, "m-group-fit"),
        ("m" * 60, "fit", -1, "m" * 50),
    ],
)
def test_a_name_says_model_and_task(
    identity: PodIdentity, model: str, task: str, index: int, name: str
) -> None:
    assert replace(identity, model=model, task_id=task, map_index=index).name == name


def test_a_selector_is_sorted() -> None:
    assert selector({"b": "2", "a": "1"}) == "a=1,b=2"
