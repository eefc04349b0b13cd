from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.messages.base import RunRef
from include.client.messages.registry import Version
from include.rollout.stages import (
    WAY,
    dark,
    is_behind,
    settled,
    staged,
    steps_to,
    variant_name,
    version_of,
    wish,
)
from include.rollout.states import ENDS, FOLLOWERS
from include.rollout.variants import check
from tests.support.plans import stage

if TYPE_CHECKING:
    from include.client.messages.rollouts import RolloutState, VariantWish


def version(number: str) -> Version:
    return Version(
        model="m",
        version=number,
        package_uri=f"file:///store/packages/{number}",
        package_digest=number,
        model_digest="",
        signature="",
        dataset_digest="",
        spec_digest="",
        spec_uri="",
        metrics=(),
        gates=(),
        run=RunRef(dag_id="m_train", run_id="r"),
        mlflow_run_id="",
        release_policy="auto",
        registered_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


OLD, NEW = version("1.0.0"), version("1.1.0")
LIVE = settled(OLD)
STAGES = st.sampled_from(["dark", "5", "all", "settle old", "settle new"])


def weights(variants: tuple[VariantWish, ...]) -> dict[str, int]:
    return {variant.version: variant.weight for variant in variants}


def test_deploying_dark_leaves_the_traffic_where_it_is() -> None:
    assert weights(dark(LIVE, NEW)) == {"1.0.0": 100, "1.1.0": 0}
    assert weights(dark((), NEW)) == {"1.1.0": 0}


def test_all_traffic_keeps_the_old_version_to_fall_back_on() -> None:
    assert weights(staged(stage(100), OLD, NEW)) == {"1.0.0": 0, "1.1.0": 100}
    assert weights(staged(stage(100), None, NEW)) == {"1.1.0": 100}


def test_in_the_shadow_the_candidate_answers_to_nobody() -> None:
    stable, candidate = staged(stage(40, "shadow"), OLD, NEW)
    assert (stable.weight, stable.mirror) == (100, 0)
    assert (candidate.weight, candidate.mirror) == (0, 40)


@given(st.integers(1, 99))
def test_a_stage_splits_between_both(percent: int) -> None:
    assert weights(staged(stage(percent), OLD, NEW)) == {"1.0.0": 100 - percent, "1.1.0": percent}


def test_the_safe_state_is_the_live_version_or_nothing() -> None:
    assert weights(settled(OLD)) == {"1.0.0": 100}
    assert settled(None) == ()


def test_a_wish_carries_the_package() -> None:
    assert wish(NEW, 0).package_digest == "1.1.0"
    assert wish(NEW, 0).name == "v1_1_0"


@given(st.lists(STAGES, max_size=8))
def test_every_order_of_stages_gives_a_state_that_is_allowed(stages: list[str]) -> None:
    present: tuple[VariantWish, ...] = ()
    plans = {
        "dark": lambda: dark(present, NEW) if weights(present).get("1.1.0", 0) == 0 else present,
        "5": lambda: staged(stage(5), OLD, NEW),
        "all": lambda: staged(stage(100), OLD, NEW),
        "settle old": lambda: settled(OLD),
        "settle new": lambda: settled(NEW),
    }
    for name in stages:
        present = plans[name]()
        check(present)
        assert plans[name]() == present


@pytest.mark.parametrize("end", sorted(ENDS))
@pytest.mark.parametrize("point", WAY)
def test_an_ended_rollout_has_every_stage_behind_it(end: RolloutState, point: RolloutState) -> None:
    assert is_behind(end, point)
    assert steps_to(end, point) == ()


@pytest.mark.parametrize("now", WAY[:-2])
@pytest.mark.parametrize("point", WAY[:-2])
def test_the_steps_to_a_stage_are_all_allowed(now: RolloutState, point: RolloutState) -> None:
    at = now
    for step in steps_to(now, point):
        assert step in FOLLOWERS[at]
        at = step
    assert at is (now if is_behind(now, point) else point)


def test_nobody_moves_a_rollout_to_its_stages_by_hand() -> None:
    assert [step.value for step in steps_to(WAY[0], WAY[-1])] == [
        "approved", "dark", "verified", "promoted",
    ]  # fmt: skip


@given(st.tuples(*[st.integers(0, 10**6)] * 3))
def test_the_name_of_a_variant_tells_its_version(parts: tuple[int, int, int]) -> None:
    version = ".".join(map(str, parts))
    assert version_of(variant_name(version)) == version
