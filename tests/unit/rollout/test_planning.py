from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.messages.plans import ReleasePlan
from include.errors import BadInput, Conflict
from include.rollout.planning import check, digest_of, plan_of, stage_name
from tests.support.plans import plan
from tests.support.spec_bundle import SMALL, Bundle

if TYPE_CHECKING:
    from include.spec.model import Spec


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    bundle = Bundle(tmp_path_factory.mktemp("bundle") / "dags")
    bundle.write(SMALL)
    return bundle.compile().spec


def test_a_canary_begins_in_the_shadow(spec: Spec) -> None:
    made = plan_of(spec, "canary")
    assert [stage_name(stage) for stage in made.stages] == [
        "shadow", "stage_5", "stage_25", "stage_50", "stage_100",
    ]  # fmt: skip
    assert {stage.min_requests for stage in made.stages} == {100}
    assert {stage.deadline_seconds for stage in made.stages} == {3600}
    assert (made.undecided_roles, made.undecided_seconds) == (("approver",), 86400)
    assert made.newer_version == "supersede"
    check(made, "1.0.0", "")


def test_the_shadow_can_be_left_out(spec: Spec) -> None:
    canary = spec.release.canary.model_copy(
        update={"shadow": spec.release.canary.shadow.model_copy(update={"enabled": False})}
    )
    changed = spec.model_copy(
        update={"release": spec.release.model_copy(update={"canary": canary})}
    )
    assert [stage.kind for stage in plan_of(changed, "canary").stages] == ["canary"] * 4
    assert digest_of(plan_of(changed, "canary")) != digest_of(plan_of(spec, "canary"))


def test_a_first_release_has_one_stage_and_its_own_patience(spec: Spec) -> None:
    made = plan_of(spec, "first")
    assert [(stage.percent, stage.min_requests) for stage in made.stages] == [(100, 50)]
    check(made, "", "")


def test_a_rollback_has_no_stages_and_is_not_superseded(spec: Spec) -> None:
    made = plan_of(spec, "rollback")
    assert (made.stages, made.newer_version) == ((), "queue")
    check(made, "1.0.0", "an id")


def test_a_plan_survives_json_with_its_digest(spec: Spec) -> None:
    made = plan_of(spec, "canary")
    again = ReleasePlan.model_validate_json(made.model_dump_json())
    assert again == made
    assert digest_of(again) == digest_of(made)
    longer = made.stages[0].model_copy(update={"min_seconds": 31.0})
    changed = made.model_copy(update={"stages": (longer, *made.stages[1:])})
    assert digest_of(changed) != digest_of(made)


@pytest.mark.parametrize(
    ("kind", "live", "rollback"),
    [("first", "1.0.0", ""), ("canary", "", ""), ("rollback", "", "x")],
)
def test_the_kind_fits_what_is_live(kind: str, live: str, rollback: str) -> None:
    with pytest.raises(Conflict, match="is live"):
        check(plan(kind), live, rollback)  # type: ignore[arg-type]


def test_a_request_goes_with_a_rollback_and_nothing_else() -> None:
    for kind, request in (("rollback", ""), ("canary", "an id")):
        with pytest.raises(BadInput, match="carries out a request"):
            check(plan(kind), "1.0.0", request)  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), st.booleans())
def test_weights_are_a_way_up_or_refused(weights: list[int], shadow: bool) -> None:
    made = plan("canary", *weights, shadow=shadow)
    is_way = all(a < b for a, b in pairwise(weights)) and weights[-1] == 100
    if is_way:
        check(made, "1.0.0", "")
    else:
        with pytest.raises(BadInput, match="rise"):
            check(made, "1.0.0", "")


def test_stages_of_the_wrong_kind_are_refused() -> None:
    shadow_last = plan("canary", 5, 100, shadow=True)
    turned = shadow_last.model_copy(update={"stages": shadow_last.stages[::-1]})
    twice = shadow_last.model_copy(update={"stages": shadow_last.stages[:1] * 2})
    for wrong in (turned, twice):
        with pytest.raises(BadInput, match="shadow"):
            check(wrong, "1.0.0", "")
    with pytest.raises(BadInput, match="one stage"):
        check(plan("first", shadow=True), "", "")
    staged = plan("rollback").model_copy(update={"stages": plan().stages})
    with pytest.raises(BadInput, match="no stages"):
        check(staged, "1.0.0", "an id")
