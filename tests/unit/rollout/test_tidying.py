"""What housekeeping may touch."""

from __future__ import annotations

import pytest

from include.client.messages.rollouts import EndpointRecord
from include.rollout.tidying import Care, care_of, strangers


def record(owner: str = "", revision: int = 3) -> EndpointRecord:
    return EndpointRecord(
        name="loans", model="loans", owner=owner, fencing_token=2, revision=revision, variants=()
    )


@pytest.mark.parametrize(
    ("owner", "run", "care"),
    [
        ("", "", Care.FINISH),
        ("r", "running", Care.LEAVE),
        ("r", "queued", Care.LEAVE),
        ("r", "success", Care.RECLAIM),
        ("r", "failed", Care.RECLAIM),
        ("r", "", Care.RECLAIM),
    ],
)
def test_only_what_nobody_acts_on_is_touched(owner: str, run: str, care: Care) -> None:
    assert care_of(record(owner), run) is care


def test_an_endpoint_of_which_nothing_was_ever_wanted_is_left_alone() -> None:
    assert care_of(record(revision=0), "") is Care.LEAVE


def test_what_is_served_and_unknown_is_told() -> None:
    assert strangers(("loans", "bikes"), (record(),)) == ("bikes",)
