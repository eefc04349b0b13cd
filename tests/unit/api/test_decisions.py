from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]


def question(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "first_release",
        "title": "Release ames 1.0.0?",
        "body": "It has never been live.",
        "subject": "ames 1.0.0",
        "subject_digest": "p1",
        "options": ["approve", "refuse"],
        "default": "refuse",
        "roles": ["approver"],
        "deadline_seconds": 3600,
        "run": {"dag_id": "ames_release", "run_id": "r1", "task_id": "ask"},
        **changes,
    }


def reply(**changes: Any) -> dict[str, Any]:
    return {"answer": "approve", "reason": "looks good", "subject_digest": "p1", **changes}


def opened(as_workload: Login, **changes: Any) -> str:
    answer = as_workload("ames_release").post("/decisions", json=question(**changes))
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def test_an_approver_answers(as_workload: Login, as_person: Login) -> None:
    decision = opened(as_workload)
    answer = as_person("viewer+approver").post(f"/decisions/{decision}/answer", json=reply())
    assert answer.status_code == 200, answer.text
    told = as_person("viewer").get(f"/decisions/{decision}").json()
    assert (told["state"], told["answer"], told["answered_by"]) == ("answered", "approve", "ann")
    assert as_person("viewer").get("/decisions?state=open").json() == []


def test_asking_again_gives_the_same_decision(as_workload: Login) -> None:
    assert opened(as_workload) == opened(as_workload)
    assert opened(as_workload) != opened(as_workload, subject_digest="p2")


def test_only_people_who_were_asked_answer(as_workload: Login, as_person: Login) -> None:
    decision = opened(as_workload)
    path = f"/decisions/{decision}/answer"
    workload = as_workload("ames_release").post(path, json=reply())
    service = as_person("service", kind="service").post(path, json=reply())
    operator = as_person("viewer+operator").post(path, json=reply())
    assert [workload.status_code, service.status_code, operator.status_code] == [403] * 3
    events = as_person("admin").get("/events").json()
    denied = [(e["actor_kind"], e["object_id"]) for e in events if e["outcome"] == "denied"]
    assert denied == [("workload", decision), ("service", decision), ("person", decision)]


def test_who_asks_does_not_answer(as_person: Login) -> None:
    asker = as_person("operator+approver", "bob")
    decision = asker.post("/decisions", json=question(kind="gate_override")).json()["id"]
    refused = asker.post(f"/decisions/{decision}/answer", json=reply())
    assert refused.status_code == 403
    other = as_person("approver", "ann").post(f"/decisions/{decision}/answer", json=reply())
    assert other.status_code == 200


def test_answer_is_bound_to_the_digest_and_the_options(
    as_workload: Login, as_person: Login
) -> None:
    path = f"/decisions/{opened(as_workload)}/answer"
    approver = as_person("approver")
    assert approver.post(path, json=reply(subject_digest="p0")).status_code == 409
    assert approver.post(path, json=reply(answer="perhaps")).status_code == 422
    assert approver.post(path, json=reply(reason="")).status_code == 422


def test_second_answer_is_told_who_was_first(as_workload: Login, as_person: Login) -> None:
    path = f"/decisions/{opened(as_workload)}/answer"
    as_person("approver").post(path, json=reply(answer="refuse"))
    second = as_person("approver", "bob").post(path, json=reply())
    assert second.status_code == 409
    assert second.json()["type"] == "https://airworthy.dev/problems/decision-closed"
    assert "ann answered 'refuse'" in second.json()["detail"]


def test_silence_closes_a_decision(
    as_workload: Login, as_person: Login, clock: ManualClock
) -> None:
    decision = opened(as_workload)
    clock.advance(3599)
    viewer = as_person("viewer")
    assert viewer.get(f"/decisions/{decision}").json()["state"] == "open"
    clock.advance(1)
    told = viewer.get(f"/decisions/{decision}").json()
    assert (told["state"], told["answer"], told["default"]) == ("expired", "", "refuse")
    late = as_person("approver").post(f"/decisions/{decision}/answer", json=reply())
    assert late.status_code == 409
    events = as_person("admin").get("/events").json()
    expired = [e for e in events if e["action"] == "decision.expired"]
    assert [(e["actor_kind"], e["object_id"]) for e in expired] == [("system", decision)]


def test_late_answer_closes_it_too(
    as_workload: Login, as_person: Login, clock: ManualClock
) -> None:
    decision = opened(as_workload)
    clock.advance(3600)
    late = as_person("approver").post(f"/decisions/{decision}/answer", json=reply())
    assert late.status_code == 409
    assert "deadline passed" in late.json()["detail"]


def test_one_extension(as_workload: Login, as_person: Login, clock: ManualClock) -> None:
    decision = opened(as_workload)
    path, wish = f"/decisions/{decision}/extension", {"seconds": 600, "reason": "on leave"}
    assert as_workload("ames_release").post(path, json=wish).status_code == 403
    assert as_person("operator").post(path, json=wish).status_code == 403
    approver = as_person("approver")
    assert approver.post(path, json=wish).json()["extensions"] == 1
    assert approver.post(path, json=wish).status_code == 409
    clock.advance(3900)
    assert approver.get(f"/decisions/{decision}").json()["state"] == "open"
    clock.advance(300)
    assert approver.get(f"/decisions/{decision}").json()["state"] == "expired"


def test_what_may_not_be_asked(as_workload: Login) -> None:
    client = as_workload("ames_release")
    for wrong in (
        {"default": "approve"},
        {"kind": "stage", "options": ["promote", "roll_back"], "default": "promote"},
        {"kind": "stage", "options": ["extend", "wait"], "default": "wait"},
        {"options": ["refuse"]},
        {"roles": []},
        {"roles": ["viewer"]},
        {"roles": ["workload"]},
        {"deadline_seconds": 0},
        {"deadline_seconds": 1e12},
        {"default": "later"},
    ):
        assert client.post("/decisions", json=question(**wrong)).status_code == 422, wrong
