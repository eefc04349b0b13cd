from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.plans import plan, seen
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]

DAG = "ames_release"
PACKAGES = {"1.0.0": "p1", "1.0.1": "p2", "1.0.2": "p3"}
FIRST, CANARY = (plan(kind).model_dump(mode="json") for kind in ("first", "canary"))
STAGED = plan("canary", 5, 100, shadow=True).model_dump(mode="json")
BACK = plan("rollback").model_dump(mode="json")
SEEN = seen().model_dump(mode="json")


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
        "plan": FIRST,
        "run": {"dag_id": DAG, "run_id": run_id, "task_id": "open"},
        **changes,
    }


def begin(as_workload: Login, run_id: str = "r1", **changes: Any) -> dict[str, Any]:
    """Open a rollout whose plan fits what is live."""
    client = as_workload(DAG, run_id)
    live = client.get("/endpoints/ames").json().get("live_version", "")
    answer = client.post(
        "/rollouts", json=wish(run_id, **{"plan": CANARY if live else FIRST, **changes})
    )
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
    named = (("1.0.0", weight, 0, package) for weight in weights)
    return {"fencing_token": token, "variants": [variant(*each) for each in named]}


def variant(version: str, weight: int, mirror: int = 0, package: str = "") -> dict[str, Any]:
    return {
        "name": f"v{version.replace('.', '_')}",
        "version": version,
        "package_uri": "file:///packages/p1",
        "package_digest": package or PACKAGES[version],
        "weight": weight,
        "mirror": mirror,
    }


def want(client: httpx.Client, rollout: dict[str, Any], split: dict[str, Any], **more: Any) -> Any:
    """Want a split: ``{"1.0.0": 95, "1.0.1": 5}``, or ``(0, 100)`` for a mirrored variant."""
    body = {
        "fencing_token": rollout["fencing_token"],
        "variants": [
            variant(version, *(share if isinstance(share, tuple) else (share,)))
            for version, share in split.items()
        ],
        **more,
    }
    return client.put(f"/endpoints/{rollout['endpoint']}/variants", json=body)


def stage(
    client: httpx.Client, rollout: dict[str, Any], index: int, *states: str, **more: Any
) -> httpx.Response:
    for state in states:
        answer = client.post(
            f"/rollouts/{rollout['id']}/stages/{index}/moves",
            json={
                "state": state,
                "reason": "such",
                "fencing_token": rollout["fencing_token"],
                "seen": SEEN if state == "passed" else None,
                **more,
            },
        )
    return answer


def due(rollout: dict[str, Any], index: int) -> dict[str, Any]:
    """Return the split of a stage."""
    planned, stable = rollout["plan"]["stages"][index], rollout["stable_version"]
    is_shadow = planned["kind"] == "shadow"
    weight = 0 if is_shadow else planned["percent"]
    share = (0, planned["percent"]) if is_shadow else weight
    return {**({stable: 100 - weight} if stable else {}), rollout["version"]: share}


def clear(client: httpx.Client, rollout: dict[str, Any], *indices: int) -> None:
    """Take a rollout through stages, all of them where none are named."""
    for index in indices or range(len(rollout["plan"]["stages"])):
        assert stage(client, rollout, index, "applied").status_code == 200
        answer = want(client, rollout, due(rollout, index))
        assert answer.status_code == 200, answer.text
        assert stage(client, rollout, index, "observed", "passed").status_code == 200


def promote(client: httpx.Client, rollout: dict[str, Any]) -> dict[str, Any]:
    """Take a rollout from its opening to its promotion."""
    move(client, rollout, "approved", "dark", "verified")
    clear(client, rollout)
    assert want(client, rollout, {rollout["version"]: 100}).status_code == 200
    ended = move(client, rollout, "promoted")
    assert ended.status_code == 200, ended.text
    return ended.json()


@pytest.mark.usefixtures("registered")
def test_a_rollout_claims_promotes_and_gives_back(as_workload: Login, clock: ManualClock) -> None:
    rollout = begin(as_workload)
    assert (rollout["state"], rollout["fencing_token"]) == ("opened", 1)
    assert rollout["is_first_release"]
    client = as_workload(DAG)
    assert client.get("/endpoints/ames").json()["owner"] == rollout["id"]
    move(client, rollout, "approved")
    assert want(client, rollout, {"1.0.0": 0}).json()["revision"] == 1
    move(client, rollout, "dark", "verified")
    clear(client, rollout)
    assert client.get("/endpoints/ames").json()["revision"] == 2
    ended = move(client, rollout, "promoted").json()
    assert ended["state"] == "promoted"
    assert [record["state"] for record in ended["stages"]] == ["passed"]
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
    stage(client, rollout, 0, "applied")
    same = [client.put("/endpoints/ames/variants", json=variants(1, 100)) for _ in range(2)]
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

    def wanted(split: dict[str, int]) -> int:
        return want(client, rollout, split).status_code

    assert wanted({}) == 200
    assert wanted({"1.0.0": 0}) == 409
    move(client, rollout, "approved", "dark")
    assert (wanted({"1.0.0": 0}), wanted({"1.0.0": 100})) == (200, 409)
    move(client, rollout, "verified")
    assert wanted({"1.0.0": 100}) == 409
    stage(client, rollout, 0, "applied")
    assert wanted({"1.0.0": 100}) == 200
    assert wanted({"1.0.1": 0}) == 409


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("end", ["failed", "rolled_back", "stopped", "superseded", "promoted"])
def test_no_end_leaves_a_version_that_nobody_promoted(as_workload: Login, end: str) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    move(client, rollout, "approved", "dark", "verified")
    if end == "promoted":
        clear(client, rollout)
        assert want(client, rollout, {}).status_code == 200
    else:
        want(client, rollout, {"1.0.0": 0})
    refused = move(client, rollout, end)
    assert refused.status_code == 409
    assert "nothing else" in refused.json()["detail"]
    safe = {"1.0.0": 100} if end == "promoted" else {}
    assert want(client, rollout, safe).status_code == 200
    assert move(client, rollout, end).json()["state"] == end
