"""A version whose gates did not pass gets in by a second person's decision and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.registry import GateOutcome
from include.decisions.overriding import Judged
from tests.unit.api.test_decisions import reply
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]

FAILED = [
    {"name": "ranks", "verdict": "pass", "message": "fine"},
    {"name": "probabilities_hold", "verdict": "fail", "message": "0.18, at most 0.16"},
]


def digest() -> str:
    body = candidate()
    gates = tuple(GateOutcome.model_validate(gate) for gate in FAILED)
    names = ("model", "model_digest", "dataset_digest", "spec_digest")
    return Judged(**{name: body[name] for name in names}, gates=gates).digest


def question(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "gate_override", "title": "Register?", "body": "so", "subject": "ames 2026q3",
        "subject_digest": digest(), "options": ["override", "refuse"], "default": "refuse",
        "roles": ["approver"], "deadline_seconds": 3600, "asked_by": "olga",
        "run": {"dag_id": "ames_train", "run_id": "r1", "task_id": "ask_override"}, **changes,
    }  # fmt: skip


@pytest.fixture
def ask(as_workload: Login) -> Callable[..., str]:
    def asked(**changes: Any) -> str:
        answer = as_workload().post("/decisions", json=question(**changes))
        assert answer.status_code == 200, answer.text
        decision: str = answer.json()["id"]
        return decision

    return asked


def answer(person: httpx.Client, decision: str, said: str = "override") -> httpx.Response:
    body = reply(answer=said, reason="known cause", subject_digest=digest())
    return person.post(f"/decisions/{decision}/answer", json=body)


def register(client: httpx.Client, decision: str = "", **changes: Any) -> httpx.Response:
    body = candidate(gates=FAILED, override_id=decision, **changes)
    return client.post("/versions", json=body)


def test_a_second_person_lets_it_in_and_stays_on_record(
    as_workload: Login, as_person: Login, ask: Callable[..., str]
) -> None:
    decision = ask()
    assert answer(as_person("approver", "ann"), decision).status_code == 200
    version = register(as_workload(), decision).json()
    override = version["override"]
    assert (override["decision_id"], override["by"]) == (decision, "ann")
    assert (override["reason"], override["gates"]) == ("known cause", ["probabilities_hold"])
    assert as_person("viewer").get("/models/ames/versions/1.0.0").json() == version
    (event,) = (
        event
        for event in as_person("admin").get("/events").json()
        if event["action"] == "version.registered"
    )
    assert decision in event["reason"]


def test_who_triggered_the_run_does_not_answer(
    as_person: Login, ask: Callable[..., str], as_workload: Login
) -> None:
    decision = ask()
    refused = answer(as_person("approver", "olga"), decision)
    assert refused.status_code == 403
    assert "who asks does not answer" in refused.json()["title"]
    assert register(as_workload(), decision).status_code == 409
    assert answer(as_person("approver", "ann"), decision).status_code == 200


def test_a_version_that_passed_carries_no_override(as_workload: Login) -> None:
    assert as_workload().post("/versions", json=candidate()).json()["override"] is None


@pytest.mark.parametrize("verdict", ["fail", "inconclusive", "no_data", "error"])
def test_gates_that_did_not_pass_are_refused(as_workload: Login, verdict: str) -> None:
    gates = [{"name": "ranks", "verdict": verdict, "message": "so"}]
    refused = as_workload().post("/versions", json=candidate(gates=gates))
    assert refused.status_code == 409
    assert "nobody overrode them" in refused.json()["title"]
    assert as_workload().get("/models/ames/versions").json() == []


def test_no_gate_at_all_is_no_pass(as_workload: Login) -> None:
    assert as_workload().post("/versions", json=candidate(gates=[])).status_code == 409


@pytest.mark.parametrize("fault", ["unknown", "open", "expired", "refused", "other kind", "other"])
def test_no_other_decision_does(
    as_workload: Login,
    as_person: Login,
    ask: Callable[..., str],
    clock: ManualClock,
    fault: str,
) -> None:
    kinds = {"other kind": {"kind": "stage", "default": "roll_back",
                            "options": ["override", "roll_back"]}}  # fmt: skip
    decision = "01JDXYZ0000000000000000000" if fault == "unknown" else ask(**kinds.get(fault, {}))
    if fault not in {"unknown", "open", "expired"}:
        said = "refuse" if fault == "refused" else "override"
        assert answer(as_person("approver"), decision, said).status_code == 200
    clock.advance(7200 if fault == "expired" else 1)
    other = {"model_digest": "m2"} if fault == "other" else {}
    assert register(as_workload(), decision, **other).status_code == 409


def test_a_decision_of_another_run_does_not(as_workload: Login, as_person: Login) -> None:
    run = {"dag_id": "ames_train", "run_id": "r2", "task_id": "ask_override"}
    asked = as_workload("ames_train", "r2").post("/decisions", json=question(run=run)).json()
    assert answer(as_person("approver"), asked["id"]).status_code == 200
    assert register(as_workload(), asked["id"]).status_code == 409
