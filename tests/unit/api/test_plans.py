"""Plans that fit an endpoint, and releases that take each other's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.plans import plan
from tests.unit.api.test_rollouts import (
    BACK,
    CANARY,
    DAG,
    FIRST,
    STAGED,
    begin,
    move,
    promote,
    registered,
    stage,
    wish,
)  # fmt: skip
from tests.unit.api.test_stages import owner, rollout
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Login = Callable[..., httpx.Client]

__all__ = ["owner", "registered", "rollout"]
pytestmark = pytest.mark.usefixtures("registered")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"plan": CANARY}, 409),
        ({"plan": BACK}, 409),
        ({"plan": {**FIRST, "stages": []}}, 422),
        ({"plan": plan("first", 5, 100).model_dump(mode="json")}, 422),
        ({"rollback_id": "01JDXYZ0000000000000000000"}, 422),
    ],
)
def test_a_plan_that_does_not_fit_the_endpoint_is_refused(
    as_workload: Login, changes: dict[str, Any], status: int
) -> None:
    answer = as_workload(DAG).post("/rollouts", json=wish(**changes))
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("plan_", "status"),
    [
        (FIRST, 409),
        (plan("canary", 5, 25).model_dump(mode="json"), 422),
        (plan("canary", 25, 5, 100).model_dump(mode="json"), 422),
        ({**BACK, "stages": STAGED["stages"]}, 422),
        ({**STAGED, "stages": STAGED["stages"][::-1]}, 422),
    ],
)
def test_beside_a_live_version_the_weights_lead_up(
    as_workload: Login, plan_: dict[str, Any], status: int
) -> None:
    promote(as_workload(DAG), begin(as_workload))
    body = wish("r2", version="1.0.1", plan=plan_)
    assert as_workload(DAG, "r2").post("/rollouts", json=body).status_code == status
    again = wish("r2", plan=CANARY)
    assert "live already" in as_workload(DAG, "r2").post("/rollouts", json=again).text


def test_a_newer_version_takes_the_place_of_a_rollout_under_way(
    owner: httpx.Client, rollout: dict[str, Any], as_workload: Login
) -> None:
    by_hand = {**candidate("p3"), "release_policy": "manual"}
    as_workload().post("/versions", json=by_hand)
    assert owner.get(f"/rollouts/{rollout['id']}").json()["stop"] is None
    assert as_workload().post("/versions", json=candidate("p4")).json()["version"] == "1.0.3"
    mark = owner.get(f"/rollouts/{rollout['id']}").json()["stop"]
    assert mark["superseded_by"] == "1.0.3"
    assert "1.0.3 was registered" in mark["reason"]
    assert stage(owner, rollout, 0, "applied").json()["type"].endswith("/stop-requested")
    assert move(owner, rollout, "superseded").json()["state"] == "superseded"


def test_a_plan_that_queues_is_not_superseded(as_workload: Login) -> None:
    queued = {**FIRST, "newer_version": "queue"}
    rollout = begin(as_workload, plan=queued)
    as_workload().post("/versions", json=candidate("p4"))
    assert as_workload(DAG).get(f"/rollouts/{rollout['id']}").json()["stop"] is None
