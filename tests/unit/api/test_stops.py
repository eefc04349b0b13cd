"""Rollouts that people stop, and endpoints that an admin breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from plugins.airworthy.api.identity.corroboration import Standing
from tests.unit.api.test_rollouts import (
    DAG,
    begin,
    clear,
    move,
    promote,
    registered,
    variants,
    wish,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock
    from tests.unit.api.conftest import Corroborator

    Login = Callable[..., httpx.Client]

__all__ = ["registered"]
pytestmark = pytest.mark.usefixtures("registered")


def actions(as_person: Login) -> list[str]:
    return [event["action"] for event in as_person("admin").get("/events").json()]


def test_people_ask_to_stop_and_nothing_else(
    as_workload: Login, as_person: Login, clock: ManualClock
) -> None:
    rollout = begin(as_workload)
    operator = as_person("operator", "olga")
    assert move(operator, rollout, "approved").status_code == 403
    marked = move(operator, rollout, "stopped").json()
    assert (marked["state"], marked["ended_at"]) == ("opened", None)
    assert (marked["stop"]["by"], marked["stop"]["reason"]) == ("olga", "such")
    assert operator.get("/endpoints/ames").json()["owner"] == rollout["id"]
    clock.advance(60)
    assert move(as_person("admin", "ada"), rollout, "stopped").json() == marked
    assert operator.get(f"/rollouts/{rollout['id']}").json() == marked
    assert actions(as_person).count("rollout.stop_requested") == 1
    assert move(as_person("viewer"), rollout, "stopped").status_code == 403


def test_a_stop_needs_a_reason_and_the_present_token(as_workload: Login, as_person: Login) -> None:
    rollout = begin(as_workload)
    body = {"state": "stopped", "reason": " ", "fencing_token": 1}
    route = f"/rollouts/{rollout['id']}/moves"
    assert as_person("operator").post(route, json=body).status_code == 422
    stale = {**body, "reason": "so", "fencing_token": 7}
    assert as_person("operator").post(route, json=stale).status_code == 409


def test_a_rollout_to_stop_goes_no_further_and_its_owner_ends_it(
    as_workload: Login, as_person: Login
) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    move(client, rollout, "approved")
    client.put("/endpoints/ames/variants", json=variants(1, 0))
    move(as_person("operator"), rollout, "stopped")
    for refused in (
        move(client, rollout, "dark"),
        client.put("/endpoints/ames/variants", json=variants(1, 0)),
    ):
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("/stop-requested")
    assert move(client, rollout, "stopped").status_code == 409
    assert client.put("/endpoints/ames/variants", json=variants(1)).status_code == 200
    ended = move(client, rollout, "stopped").json()
    assert ended["state"] == "stopped"
    assert client.get("/endpoints/ames").json()["owner"] == ""
    assert move(as_person("operator"), rollout, "stopped").json() == ended


def test_what_ended_otherwise_cannot_be_stopped(as_workload: Login, as_person: Login) -> None:
    rollout = begin(as_workload)
    move(as_workload(DAG), rollout, "failed")
    late = move(as_person("operator"), rollout, "stopped")
    assert late.status_code == 409
    assert "ended as failed" in late.json()["detail"]


def test_promoting_is_refused_after_a_stop(as_workload: Login, as_person: Login) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    move(client, rollout, "approved", "dark", "verified")
    clear(client, rollout)
    move(as_person("operator"), rollout, "stopped")
    assert move(client, rollout, "promoted").json()["type"].endswith("/stop-requested")
    assert client.get("/endpoints/ames").json()["live_version"] == ""


def break_it(client: httpx.Client, live: str | None = "") -> httpx.Response:
    named = {} if live is None else {"live_version": live}
    return client.post("/endpoints/ames/break", json={"reason": "its scheduler burnt", **named})


def promoted(as_workload: Login, run_id: str = "r1") -> dict[str, Any]:
    rollout = begin(as_workload, run_id)
    promote(as_workload(DAG, run_id), rollout)
    return rollout


def test_an_admin_breaks_a_dead_owner(as_workload: Login, as_person: Login) -> None:
    rollout = begin(as_workload)
    client = as_workload(DAG)
    move(client, rollout, "approved", "dark", "verified")
    client.put("/endpoints/ames/variants", json=variants(1, 100))
    admin = as_person("admin")
    assert break_it(admin, None).status_code == 422
    assert break_it(admin, "1.0.0").status_code == 409
    broken = break_it(admin).json()
    assert (broken["owner"], broken["variants"], broken["fencing_token"]) == ("", [], 2)
    told = admin.get(f"/rollouts/{rollout['id']}").json()
    assert (told["state"], told["reason"]) == ("stopped", "its scheduler burnt")
    assert break_it(admin).status_code == 409
    assert actions(as_person)[-4:] == [
        "endpoint.wanted", "rollout.stopped", "endpoint.released", "endpoint.broken",
    ]  # fmt: skip
    late = client.put("/endpoints/ames/variants", json=variants(1, 100))
    assert late.json()["type"].endswith("/fenced-out")
    assert begin(as_workload, "r2")["fencing_token"] == 3


def test_breaking_brings_the_live_version_back(as_workload: Login, as_person: Login) -> None:
    promoted(as_workload)
    second = begin(as_workload, "r2", version="1.0.1")
    client = as_workload(DAG, "r2")
    move(client, second, "approved", "dark", "verified")
    clear(client, second)
    assert break_it(as_person("admin"), "").status_code == 409
    broken = break_it(as_person("admin"), "1.0.0").json()
    assert [(v["version"], v["weight"]) for v in broken["variants"]] == [("1.0.0", 100)]
    assert (broken["live_version"], broken["fencing_token"]) == ("1.0.0", 3)


def test_a_dead_rollout_that_people_stopped_can_be_broken(
    as_workload: Login, as_person: Login
) -> None:
    rollout = begin(as_workload)
    move(as_person("operator"), rollout, "stopped")
    assert as_workload(DAG, "r2").post("/rollouts", json=wish("r2")).status_code == 409
    assert break_it(as_person("admin")).status_code == 200
    assert begin(as_workload, "r2")["state"] == "opened"


def test_a_workload_frees_what_a_run_that_is_over_left(
    as_workload: Login, as_person: Login, corroborator: Corroborator
) -> None:
    rollout = begin(as_workload)
    client = as_workload("housekeeping", "hourly", "tidy")

    def ask(who: httpx.Client) -> httpx.Response:
        return who.post("/endpoints/ames/reclaim", json={"rollout": rollout["id"]})

    assert "the owner's run goes on" in ask(client).json()["detail"]
    corroborator.answer = Standing.UNKNOWN
    assert "does not say" in ask(client).json()["detail"]
    corroborator.answer = Standing.NOT_RUNNING
    assert ask(as_person("admin")).status_code == 403
    freed = ask(client).json()
    assert (freed["owner"], freed["variants"], freed["fencing_token"]) == ("", [], 2)
    assert as_person("admin").get(f"/rollouts/{rollout['id']}").json()["state"] == "stopped"
    assert actions(as_person)[-1] == "endpoint.reclaimed"
    assert "nobody owns it" in ask(client).json()["detail"]
    corroborator.answer = Standing.RUNNING
    assert begin(as_workload, "r2")["fencing_token"] == 3
    corroborator.answer = Standing.NOT_RUNNING
    assert "owns the endpoint" in ask(client).json()["detail"]
