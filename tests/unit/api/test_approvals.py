"""A rollout that people have to approve begins by their decision and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.api.test_decisions import question, reply
from tests.unit.api.test_rollouts import DAG, begin, registered, variants, wish

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]

__all__ = ["registered"]
pytestmark = pytest.mark.usefixtures("registered")


@pytest.fixture
def rollout(as_workload: Login) -> dict[str, Any]:
    return begin(as_workload, approval_required=True)


@pytest.fixture
def decide(as_workload: Login, as_person: Login) -> Callable[..., str]:
    """Return what opens a decision and answers it, if told how."""

    def decided(answer: str = "approve", run_id: str = "r1", **changes: Any) -> str:
        run = {"dag_id": DAG, "run_id": run_id, "task_id": "ask"}
        asked = as_workload(DAG, run_id).post("/decisions", json=question(run=run, **changes))
        decision: str = asked.json()["id"]
        if answer:
            said = reply(answer=answer, subject_digest=asked.json()["subject_digest"])
            given = as_person("approver").post(f"/decisions/{decision}/answer", json=said)
            assert given.status_code == 200, given.text
        return decision

    return decided


def approve(client: httpx.Client, rollout: dict[str, Any], decision: str = "") -> httpx.Response:
    body = {"state": "approved", "reason": "so", "fencing_token": 1, "decision_id": decision}
    return client.post(f"/rollouts/{rollout['id']}/moves", json=body)


def test_a_yes_lets_it_begin_and_stays_on_record(
    as_workload: Login, as_person: Login, rollout: dict[str, Any], decide: Callable[..., str]
) -> None:
    decision = decide()
    moved = approve(as_workload(DAG), rollout, decision).json()
    assert (moved["state"], moved["decision_id"]) == ("approved", decision)
    assert approve(as_workload(DAG), rollout, decision).json() == moved
    events = as_person("admin").get("/events").json()
    assert [e["action"] for e in events].count("rollout.approved") == 1


@pytest.mark.parametrize("fault", [
    "none", "unknown", "open", "expired", "refused", "other run", "other package", "other kind",
])  # fmt: skip
def test_nothing_else_does(
    as_workload: Login,
    rollout: dict[str, Any],
    decide: Callable[..., str],
    fault: str,
    clock: ManualClock,
) -> None:
    makers: dict[str, Callable[[], str]] = {
        "none": lambda: "",
        "unknown": lambda: "01JDXYZ0000000000000000000",
        "open": lambda: decide(""),
        "expired": lambda: decide(""),
        "refused": lambda: decide("refuse"),
        "other run": lambda: decide(run_id="r2"),
        "other package": lambda: decide(subject_digest="p2"),
        "other kind": lambda: decide(kind="gate_override"),
    }
    decision = makers[fault]()
    clock.advance(7200 if fault == "expired" else 1)
    client = as_workload(DAG)
    refused = approve(client, rollout, decision)
    assert refused.status_code == 409, refused.text
    assert "not approved" in refused.json()["title"]
    wanted = client.put("/endpoints/ames/variants", json=variants(1, 0))
    assert wanted.status_code == 409
    assert client.get(f"/rollouts/{rollout['id']}").json()["state"] == "opened"


def test_the_requirement_is_frozen_at_the_opening(
    as_workload: Login, rollout: dict[str, Any]
) -> None:
    client = as_workload(DAG)
    again = client.post("/rollouts", json=wish(approval_required=False)).json()
    assert again == rollout
    assert again["approval_required"]
    assert approve(client, rollout).status_code == 409


def test_where_none_is_needed_a_wrong_one_is_still_refused(
    as_workload: Login, decide: Callable[..., str]
) -> None:
    free = begin(as_workload)
    assert approve(as_workload(DAG), free, decide("refuse")).status_code == 409
    assert approve(as_workload(DAG), free).json()["decision_id"] == ""
