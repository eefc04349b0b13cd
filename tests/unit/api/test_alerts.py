from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Login = Callable[..., httpx.Client]


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "fingerprint": "stop/ames/r1",
        "severity": "critical",
        "title": "Training stopped",
        "body": "The contract is broken.",
        "model": "ames",
        "run": {"dag_id": "ames_train", "run_id": "r1", "task_id": "stop"},
        **changes,
    }


def test_the_same_fingerprint_is_the_same_alert(as_workload: Login) -> None:
    client = as_workload()
    first = client.post("/alerts", json=alert())
    assert first.status_code == 200, first.text
    assert client.post("/alerts", json=alert(title="again")).json() == first.json()
    assert (
        client.post("/alerts", json=alert(fingerprint="other")).json()["id"] != first.json()["id"]
    )
    assert len(client.get("/alerts?model=ames").json()) == 2
    assert client.get("/alerts?model=bike").json() == []


def test_deliveries_are_appended(as_workload: Login, as_person: Login) -> None:
    client = as_workload()
    path = f"/alerts/{client.post('/alerts', json=alert()).json()['id']}"
    client.post(f"{path}/deliveries", json={"channel": "slack", "state": "failed", "detail": "500"})
    client.post(f"{path}/deliveries", json={"channel": "slack", "state": "delivered"})
    states = [delivery["state"] for delivery in client.get(path).json()["deliveries"]]
    assert states == ["failed", "delivered"]
    foreign = as_workload("bike_train").post(
        f"{path}/deliveries", json={"channel": "slack", "state": "delivered"}
    )
    assert foreign.status_code == 403
    actions = [event["action"] for event in as_person("auditor").get("/events").json()]
    assert actions.count("alert.delivery") == 2


def test_unknown_alert(as_workload: Login) -> None:
    answer = as_workload().post(
        "/alerts/01JNB2V4T8Z5Q6W7E8R9T0Y1M2/deliveries",
        json={"channel": "slack", "state": "delivered"},
    )
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/not-found")
