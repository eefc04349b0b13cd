from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.unit.api.test_alerts import alert
from tests.unit.api.test_decisions import question, reply
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Login = Callable[..., httpx.Client]


def test_the_same_key_answers_the_same(as_workload: Login, as_person: Login) -> None:
    client, key = as_workload(), {"Idempotency-Key": "k1"}
    path = f"/alerts/{client.post('/alerts', json=alert()).json()['id']}/deliveries"
    delivery = {"channel": "slack", "state": "delivered"}
    first = client.post(path, json=delivery, headers=key)
    second = client.post(path, json=delivery, headers=key)
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(client.get("/alerts").json()[0]["deliveries"]) == 1
    client.post(path, json=delivery, headers={"Idempotency-Key": "k2"})
    assert len(client.get("/alerts").json()[0]["deliveries"]) == 2


def test_a_key_is_for_one_request(as_workload: Login) -> None:
    client, key = as_workload(), {"Idempotency-Key": "k1"}
    assert client.post("/versions", json=candidate(), headers=key).status_code == 200
    other = client.post("/versions", json=candidate("p2"), headers=key)
    assert other.status_code == 409
    assert "another request" in other.json()["detail"]
    elsewhere = client.post("/alerts", json=alert(), headers=key)
    assert elsewhere.status_code == 200
    somebody_else = as_workload(run_id="r2").post(
        "/versions", json=candidate("p3", run={"dag_id": "ames_train", "run_id": "r2"}), headers=key
    )
    assert somebody_else.status_code == 200


def test_an_answer_that_arrived_twice_counts_once(as_workload: Login, as_person: Login) -> None:
    decision = as_workload("ames_release").post("/decisions", json=question()).json()["id"]
    path, key = f"/decisions/{decision}/answer", {"Idempotency-Key": "k"}
    approver = as_person("approver")
    first = approver.post(path, json=reply(), headers=key)
    assert approver.post(path, json=reply(), headers=key).json() == first.json()
    assert approver.post(path, json=reply()).status_code == 409


def test_a_refusal_is_not_remembered(as_workload: Login) -> None:
    client, key = as_workload("ames_release"), {"Idempotency-Key": "k"}
    assert (
        client.post("/decisions", json=question(roles=["viewer"]), headers=key).status_code == 422
    )
    assert client.post("/decisions", json=question(), headers=key).status_code == 200


def test_duplicates_in_flight_have_one_effect(as_workload: Login) -> None:
    client = as_workload()
    path = f"/alerts/{client.post('/alerts', json=alert()).json()['id']}/deliveries"
    answers: list[bytes] = []

    def deliver() -> None:
        answer = client.post(
            path,
            json={"channel": "slack", "state": "delivered"},
            headers={"Idempotency-Key": "same"},
        )
        answers.append(answer.content)

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(client.get("/alerts").json()[0]["deliveries"]) == 1


def test_keys_are_short_and_printable(as_workload: Login) -> None:
    for key in ("", " ", "x" * 201, "a b"):
        answer = as_workload().post("/versions", json=candidate(), headers={"Idempotency-Key": key})
        assert answer.status_code == 422, key
