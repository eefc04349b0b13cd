"""People go back: a candidate on its way is stopped, a live version is replaced by the last one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.api.test_rollouts import (
    BACK,
    CANARY,
    DAG,
    begin,
    clear,
    move,
    promote,
    registered,
    want,
    wish,
)  # fmt: skip
from tests.unit.api.test_versions import candidate, outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]

__all__ = ["registered"]
pytestmark = pytest.mark.usefixtures("registered")


def ask(client: httpx.Client, live: str, reason: str = "customers complain") -> httpx.Response:
    return client.post("/endpoints/ames/rollback", json={"reason": reason, "live_version": live})


def release(as_workload: Login, clock: ManualClock, run_id: str, version: str) -> dict[str, Any]:
    clock.advance(1)
    return promote(as_workload(DAG, run_id), begin(as_workload, run_id, version=version))


def go_back(as_workload: Login, clock: ManualClock, run_id: str, request: Any) -> httpx.Response:
    """Open the rollout that carries a request out, and take it to its end."""
    clock.advance(1)
    client = as_workload(DAG, run_id)
    body = wish(run_id, version=request["version"], plan=BACK, rollback_id=request["id"])
    opened = client.post("/rollouts", json=body)
    if opened.status_code != 200:
        return opened
    rollout = opened.json()
    move(client, rollout, "approved", "dark", "verified")
    assert want(client, rollout, {rollout["version"]: 100}).status_code == 200
    return move(client, rollout, "promoted")


def target(client: httpx.Client) -> tuple[str, str]:
    endpoint = client.get("/endpoints/ames").json()
    return endpoint["live_version"], endpoint["rollback_target"]


def told(app: FastAPI) -> list[dict[str, str]]:
    letters = outbox(app)
    return [json.loads(payload) for kind, payload in letters if kind == "rollback_requested"]


def test_before_the_promotion_the_rollout_is_to_stop(
    as_workload: Login, as_person: Login, app: FastAPI, clock: ManualClock
) -> None:
    release(as_workload, clock, "r1", "1.0.0")
    rollout = begin(as_workload, "r2", version="1.0.1")
    client = as_workload(DAG, "r2")
    move(client, rollout, "approved", "dark", "verified")
    clear(client, rollout)
    request = ask(as_person("approver", "anna"), "1.0.0").json()
    assert (request["kind"], request["rollout_id"]) == ("stop", rollout["id"])
    assert (request["version"], request["from_version"]) == ("1.0.0", "1.0.1")
    assert ask(as_person("operator"), "1.0.0", "me too").json() == request
    mark = client.get(f"/rollouts/{rollout['id']}").json()["stop"]
    assert (mark["by"], mark["reason"]) == ("anna", "customers complain")
    assert told(app) == []
    assert move(client, rollout, "promoted").status_code == 409
    want(client, rollout, {"1.0.0": 100})
    assert move(client, rollout, "stopped").status_code == 200
    [listed] = as_person("viewer").get("/endpoints/ames/rollbacks").json()
    assert listed["closed_at"]
    assert target(client) == ("1.0.0", "")


def test_after_the_promotion_the_version_before_comes_back(
    as_workload: Login, as_person: Login, app: FastAPI, clock: ManualClock
) -> None:
    for run_id, version in (("r1", "1.0.0"), ("r2", "1.0.1")):
        release(as_workload, clock, run_id, version)
    admin = as_person("admin")
    assert target(admin) == ("1.0.1", "1.0.0")
    request = ask(admin, "1.0.1").json()
    assert (request["kind"], request["version"], request["rollout_id"]) == ("rollback", "1.0.0", "")
    expected = {"model": "ames", "version": "1.0.0", "rollback_id": request["id"]}
    assert told(app) == [expected]
    ended = go_back(as_workload, clock, "r3", request)
    assert ended.json()["state"] == "promoted", ended.text
    assert ended.json()["rollback_id"] == request["id"]
    [listed] = admin.get("/endpoints/ames/rollbacks").json()
    assert (listed["rollout_id"], bool(listed["closed_at"])) == (ended.json()["id"], True)
    # Nothing was live before 1.0.0, and 1.0.1 was just left.
    assert target(admin) == ("1.0.0", "")
    refused = ask(admin, "1.0.0")
    assert refused.status_code == 409
    assert "no version that was live and healthy before" in refused.json()["detail"]
    actions = [event["action"] for event in admin.get("/events").json()]
    assert [a for a in actions if a.startswith("rollback.")] == [
        "rollback.requested", "rollback.claimed", "rollback.closed",
    ]  # fmt: skip


def test_going_back_never_bounces(as_workload: Login, as_person: Login, clock: ManualClock) -> None:
    as_workload().post("/versions", json=candidate("p3"))
    for number in range(3):
        release(as_workload, clock, f"r{number}", f"1.0.{number}")
    admin = as_person("admin")
    assert target(admin) == ("1.0.2", "1.0.1")
    go_back(as_workload, clock, "r3", ask(admin, "1.0.2").json())
    assert target(admin) == ("1.0.1", "1.0.0")
    go_back(as_workload, clock, "r4", ask(admin, "1.0.1").json())
    assert target(admin) == ("1.0.0", "")
    release(as_workload, clock, "r5", "1.0.2")
    assert target(admin) == ("1.0.2", "1.0.0")


def test_a_request_comes_first_and_is_carried_out_once(
    as_workload: Login, as_person: Login, clock: ManualClock
) -> None:
    release(as_workload, clock, "r1", "1.0.0")
    release(as_workload, clock, "r2", "1.0.1")
    request = ask(as_person("admin"), "1.0.1").json()
    as_workload().post("/versions", json=candidate("p3"))
    body = wish("r3", version="1.0.2", plan=CANARY)
    waits = as_workload(DAG, "r3").post("/rollouts", json=body)
    assert waits.status_code == 409
    assert request["id"] in waits.json()["remedy"]
    other = {**request, "version": "1.0.2"}
    assert go_back(as_workload, clock, "r4", other).status_code == 422
    unknown = {**request, "id": "01JDXYZ0000000000000000000"}
    assert go_back(as_workload, clock, "r5", unknown).status_code == 422
    assert go_back(as_workload, clock, "r6", request).status_code == 200
    assert go_back(as_workload, clock, "r7", request).status_code == 409


def test_a_rollback_that_failed_is_closed_and_can_be_asked_for_anew(
    as_workload: Login, as_person: Login, clock: ManualClock
) -> None:
    release(as_workload, clock, "r1", "1.0.0")
    release(as_workload, clock, "r2", "1.0.1")
    admin = as_person("admin")
    request = ask(admin, "1.0.1").json()
    client = as_workload(DAG, "r3")
    body = wish("r3", version="1.0.0", plan=BACK, rollback_id=request["id"])
    rollout = client.post("/rollouts", json=body).json()
    assert client.post("/rollouts", json=body).json() == rollout
    assert ask(admin, "1.0.1").json()["rollout_id"] == rollout["id"]
    # A newer version does not take the place of what people asked for.
    as_workload().post("/versions", json=candidate("p3"))
    assert client.get(f"/rollouts/{rollout['id']}").json()["stop"] is None
    move(client, rollout, "failed")
    assert target(admin) == ("1.0.1", "1.0.0")
    clock.advance(1)
    again = ask(admin, "1.0.1").json()
    assert again["id"] != request["id"]
    assert go_back(as_workload, clock, "r4", again).status_code == 200


def test_a_request_that_nobody_took_is_told_again(
    as_workload: Login, as_person: Login, app: FastAPI, clock: ManualClock
) -> None:
    release(as_workload, clock, "r1", "1.0.0")
    release(as_workload, clock, "r2", "1.0.1")
    request = ask(as_person("admin"), "1.0.1").json()
    clock.advance(59)
    assert ask(as_person("admin"), "1.0.1").json() == request
    assert len(told(app)) == 1
    clock.advance(1)
    assert ask(as_person("admin"), "1.0.1").json() == request
    clock.advance(120)
    assert [one["rollback_id"] for one in told(app)] == [request["id"]] * 2


def test_who_may_ask_and_what_they_have_to_say(
    as_workload: Login, as_person: Login, clock: ManualClock
) -> None:
    assert ask(as_person("admin"), "").status_code == 404
    release(as_workload, clock, "r1", "1.0.0")
    release(as_workload, clock, "r2", "1.0.1")
    assert ask(as_person("viewer"), "1.0.1").status_code == 403
    assert ask(as_workload(), "1.0.1").status_code == 403
    assert ask(as_person("admin", kind="service"), "1.0.1").status_code == 403
    assert ask(as_person("admin"), "1.0.1", "    ").status_code == 422
    assert ask(as_person("admin"), "1.0.0").status_code == 409
    assert as_person("admin").get("/endpoints/ames/rollbacks").json() == []
