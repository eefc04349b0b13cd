from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Login = Callable[..., httpx.Client]

RUN_ID = "scheduled__2026-03-01T00:00:00+00:00"


def report(**changes: Any) -> dict[str, Any]:
    return {
        "run": {"dag_id": "ames_train", "run_id": RUN_ID, "task_id": "plan"},
        "model": "ames",
        "kind": "train",
        "partition": "2026-03",
        "state": "running",
        **changes,
    }


def test_a_run_is_created_then_updated(as_workload: Login) -> None:
    client = as_workload(run_id=RUN_ID)
    first = client.put("/runs", json=report(results={"acquire": "file:///a"}, version="1.0.0"))
    assert first.status_code == 200, first.text
    client.put("/runs", json=report(state="succeeded", results={"train": "file:///t"}))
    told = client.get("/runs/ames_train/scheduled__2026-03-01T00%3A00%3A00%2B00%3A00").json()
    assert told["state"] == "succeeded"
    assert told["version"] == "1.0.0"
    assert told["results"] == {"acquire": "file:///a", "train": "file:///t"}
    assert len(client.get("/runs?model=ames&kind=train").json()) == 1
    assert client.get("/runs?kind=release").json() == []


def test_the_same_report_tells_nothing_new(as_workload: Login, as_person: Login) -> None:
    client = as_workload(run_id=RUN_ID)
    for _ in range(3):
        client.put("/runs", json=report())
    actions = [event["action"] for event in as_person("admin").get("/events").json()]
    assert actions.count("run.running") == 1


def test_a_workload_reports_its_own_run_only(as_workload: Login) -> None:
    assert as_workload(run_id="another").put("/runs", json=report()).status_code == 403
    assert as_workload("bike_train", RUN_ID).put("/runs", json=report()).status_code == 403
