"""Which splits may be wanted: those of the current stage, the live version alone, and no other."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from include.client.messages.base import RunRef
from include.client.messages.plans import StageRecord, StageState
from include.client.messages.rollouts import EndpointRecord, Rollout, RolloutState, StopRequest
from include.errors import Conflict, StopRequested
from include.rollout.clearing import CLEARED
from include.rollout.safety import check_end, check_wanted, is_safe
from include.rollout.stages import dark, settled, staged
from include.rollout.variants import check
from tests.support.plans import plan
from tests.unit.rollout.test_stages import NEW, OLD

AT = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = plan("canary", 5, 50, 100, shadow=True)
SPLITS = {
    "nothing": (),
    "live": settled(OLD),
    "dark": dark(settled(OLD), NEW),
    "0": staged(PLAN.stages[0], OLD, NEW),
    "1": staged(PLAN.stages[1], OLD, NEW),
    "2": staged(PLAN.stages[2], OLD, NEW),
    "3": staged(PLAN.stages[3], OLD, NEW),
    "promoted": settled(NEW),
}


def rollout(state: RolloutState, *stages: StageState) -> Rollout:
    records = tuple(
        StageRecord(index=index, state=stage, revision=1, began_at=AT)
        for index, stage in enumerate(stages)
    )
    return Rollout(
        id="r", endpoint="m", model="m", version=NEW.version, stable_version=OLD.version,
        plan=PLAN, plan_digest="d", stages=records, state=state, reason="", fencing_token=1,
        is_first_release=False, approval_required=False, run=RunRef(dag_id="m", run_id="r"),
        opened_at=AT,
    )  # fmt: skip


def allowed(one: Rollout) -> set[str]:
    found = set()
    for name, variants in SPLITS.items():
        check(variants)
        try:
            check_wanted(one, OLD.version, variants)
        except Conflict:
            continue
        found.add(name)
    return found


@pytest.mark.parametrize(
    ("state", "expected"),
    [("opened", {"live"}), ("approved", {"live", "dark"}), ("dark", {"live", "dark"}),
     ("verified", {"live", "dark"})],
)  # fmt: skip
def test_before_the_stages_a_candidate_is_dark_at_most(state: str, expected: set[str]) -> None:
    assert allowed(rollout(RolloutState(state))) == expected


@pytest.mark.parametrize(("index", "now"), [*product(range(4), StageState)])
def test_at_a_stage_its_own_split_is_allowed_and_no_other(index: int, now: StageState) -> None:
    before = [StageState.PASSED] * index
    found = allowed(rollout(RolloutState.STAGED, *before, now))
    is_over = now in {StageState.FAILED, StageState.ABANDONED}
    promoted = {"promoted"} if index == 3 and now in CLEARED else set()
    assert found == {"live"} | (set() if is_over else {str(index)}) | promoted


def test_a_stop_leaves_the_live_version_only() -> None:
    mark = StopRequest(by="ann", reason="bad", at=AT)
    stopped = rollout(RolloutState.STAGED, StageState.OBSERVED).model_copy(update={"stop": mark})
    assert allowed(stopped) == {"live"}
    with pytest.raises(StopRequested, match="ann asked"):
        check_wanted(stopped, OLD.version, SPLITS["0"])


def test_a_third_version_or_a_share_too_many_is_refused() -> None:
    one = rollout(RolloutState.STAGED, StageState.PASSED, StageState.APPLIED)
    for change in ({"weight": 6}, {"weight": 4}, {"mirror": 1}, {"version": "9.9.9"}):
        variants = SPLITS["1"]
        changed = (variants[0], variants[1].model_copy(update=change))
        with pytest.raises(Conflict):
            check_wanted(one, OLD.version, changed)


def test_a_mirrored_live_version_is_not_safe() -> None:
    odd = (settled(OLD)[0].model_copy(update={"mirror": 5}),)
    assert is_safe(settled(OLD), OLD.version)
    assert not is_safe(odd, OLD.version)


def test_no_promotion_before_the_last_stage_was_cleared() -> None:
    endpoint = EndpointRecord(
        name="m", model="m", owner="r", fencing_token=1, revision=9, variants=SPLITS["promoted"],
        live_version=OLD.version,
    )  # fmt: skip
    passed = [StageState.PASSED] * 4
    check_end(rollout(RolloutState.STAGED, *passed), endpoint, RolloutState.PROMOTED)
    for stages in (passed[:3], [*passed[:3], StageState.UNDECIDED]):
        with pytest.raises(Conflict, match="not every one"):
            check_end(rollout(RolloutState.STAGED, *stages), endpoint, RolloutState.PROMOTED)
