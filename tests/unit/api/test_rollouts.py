from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]

DAG = "ames_release"


@pytest.fixture
def registered(as_workload: Login) -> None:
    client = as_workload()
    for package in ("p1", "p2"):
        assert client.post("/versions", json=candidate(package)).status_code == 200


def wish(run_id: str = "r1", **changes: Any) -> dict[str, Any]:
    return {
        "endpoint": "ames",
        "model": "ames",
        "version": "1.0.0",
        "plan_digest": "plan",
        "run": {"dag_id": DAG, "run_id": run_id, "task_id": "open"},
        **changes,
    }


def begin(as_workload: Login, run_id: str = "r1", **changes: Any) -> dict[str, Any]:
    answer = as_workload(DAG, run_id).post("/rollouts", json=wish(run_id, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json()


def move(client: httpx.Client, rollout: dict[str, Any], *states: str) -> httpx.Response:
    for state in states:
        answer = client.post(
            f"/rollouts/{rollout['id']}/moves",
            json={"state": state, "reason": "such", "fencing_token": rollout["fencing_token"]},
        )
    return answer


def variants(token: int, *weights: int, package: str = "p1") -> dict[str, Any]:
    return {
        "fencing_token": token,
        "variants": [
            {
                "name": f"v{index}",
                "version": "1.0.0",
                "package_uri": "file:///packages/p1",
                "package_digest": package,
                "weight": weight,
            }
            for index, weight in enumerate(weights)
        ],
    }


@pytest.mark.usefixtures("registered")
def test_a_rollout_claims_promotes_and_gives_back(as_workload: Login, clock: ManualClock) -> None:
    rollout = begin(as_workload)
    assert (rollout["state"], rollout["fencing_token"]) == ("opened", 1)
    assert rollout["is_first_release"]
    client = as_workload(DAG)
    assert client.get("/endpoints/ames").json()["owner"] == rollout["id"]
    for states, weights in ((("approved",), (0,)), (("dark", "verified"), (100,))):
        move(client, rollout, *states)
        answer = client.put("/endpoints/ames/variants", json=variants(1, *weights))
        assert answer.status_code == 200, answer.text
    assert answer.json()["revision"] == 2
    ended = move(client, rollout, "promoted").json()
    assert ended["state"] == "promoted"
    assert ended["ended_at"]
    endpoint = client.get("/endpoints/ames").json()
    assert (endpoint["owner"], endpoint["live_version"]) == ("", "1.0.0")
    clock.advance(1)
    second = begin(as_workload, "r2", version="1.0.1")
    assert (second["fencing_token"], second["is_first_release"]) == (2, False)
    assert [r["id"] for r in client.get("/rollouts?model=ames").json()] == [
        second["id"], rollout["id"],
    ]  # fmt: skip
    assert [r["id"] for r in client.get("/rollouts?state=promoted").json()] == [rollout["id"]]


@pytest.mark.usefixtures("registered")
def test_an_owned_endpoint_names_its_owner(as_workload: Login) -> None:
    first = begin(as_workload)
    assert begin(as_workload) == first
    second = as_workload(DAG, "r2").post("/rollouts", json=wish("r2"))
    assert second.status_code == 409
    assert first["id"] in second.json()["detail"]
    changed = as_workload(DAG).post("/rollouts", json=wish(version="1.0.1"))
    assert changed.status_code == 409
    unknown = as_workload(DAG, "r3").post("/rollouts", json=wish("r3", version="9.0.0"))
    assert unknown.status_code == 404


@pytest.mark.usefixtures("registered")
def test_an_older_token_is_fenced_out(as_workload: Login) -> None:
    old = begin(as_workload)
    move(as_workload(DAG), old, "failed")
    begin(as_workload, "r2")
    late = as_workload(DAG).put("/endpoints/ames/variants", json=variants(1, 100))
    assert late.status_code == 409
    assert late.json()["type"].endswith("/fenced-out")
    foreign = as_workload(DAG).put("/endpoints/ames/variants", json=variants(2, 100))
    assert foreign.status_code == 403
    after_end = move(as_workload(DAG), old, "rolled_back")
    assert after_end.status_code == 409


@pytest.mark.usefixtures("registered")
def test_variants_are_a_split_of_registered_packages(as_workload: Login) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    move(client, rollout, "approved", "dark", "verified")
    for wrong in (
        variants(1, 50), variants(1, 60, 60), variants(1, -50, 150), variants(1, 100, package="p9"),
    ):  # fmt: skip
        assert client.put("/endpoints/ames/variants", json=wrong).status_code == 422, wrong
    assert client.get("/endpoints/ames").json()["revision"] == 0
    same = [client.put("/endpoints/ames/variants", json=variants(1, 5, 95)) for _ in range(2)]
    assert [answer.json()["revision"] for answer in same] == [1, 1]


@pytest.mark.usefixtures("registered")
def test_the_same_move_again_changes_nothing(as_workload: Login, as_person: Login) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    assert move(client, rollout, "approved").json() == move(client, rollout, "approved").json()
    ends = [move(client, rollout, "rolled_back") for _ in range(2)]
    assert ends[0].json() == ends[1].json()
    events = as_person("admin").get("/events").json()
    assert [e["action"] for e in events].count("rollout.rolled_back") == 1
    assert move(client, rollout, "promoted").status_code == 409


@pytest.mark.usefixtures("registered")
def test_nothing_is_promoted_out_of_order(as_workload: Login) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    for state in ("dark", "verified", "promoted", "rolled_back"):
        assert move(client, rollout, state).status_code == 409, state
    wrong_token = {**rollout, "fencing_token": 7}
    assert move(client, wrong_token, "approved").json()["type"].endswith("/fenced-out")
    assert move(as_workload(DAG, "r2"), rollout, "approved").status_code == 403


@pytest.mark.usefixtures("registered")
def test_a_candidate_is_wanted_no_sooner_than_its_rollout_has_come(as_workload: Login) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)

    def want(*weights: int, **changes: Any) -> int:
        body = variants(1, *weights)
        for variant in body["variants"]:
            variant.update(changes)
        return client.put("/endpoints/ames/variants", json=body).status_code

    assert want() == 200
    assert want(0) == 409
    move(client, rollout, "approved", "dark")
    assert (want(0), want(100)) == (200, 409)
    move(client, rollout, "verified")
    assert want(100) == 200
    assert want(0, version="1.0.1", package_digest="p2") == 409


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("end", ["failed", "rolled_back", "stopped", "superseded", "promoted"])
def test_no_end_leaves_a_version_that_nobody_promoted(as_workload: Login, end: str) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    move(client, rollout, "approved", "dark", "verified")
    client.put("/endpoints/ames/variants", json=variants(1, 0))
    refused = move(client, rollout, end)
    assert refused.status_code == 409
    assert "nothing else" in refused.json()["detail"]
    safe = variants(1, 100) if end == "promoted" else variants(1)
    assert client.put("/endpoints/ames/variants", json=safe).status_code == 200
    assert move(client, rollout, end).json()["state"] == end
