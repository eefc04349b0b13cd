from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from include.access.principal import system
from tests.unit.api.conftest import SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI

SIGNATURE = (
    '{"inputs":[{"name":"area","type":"number"}],"outputs":[{"name":"price","type":"number"}]}'
)


def candidate(package: str = "p1", **changes: Any) -> dict[str, Any]:
    return {
        "model": "ames",
        "package_uri": f"file:///packages/{package}",
        "package_digest": package,
        "model_digest": "m1",
        "signature": SIGNATURE,
        "dataset_digest": "d1",
        "spec_digest": "s1",
        "spec_uri": "file:///specs/s1.json",
        "metrics": [{"name": "rmse", "value": 10.0, "lower": 9.0, "upper": 11.0}],
        "gates": [{"name": "good_enough", "verdict": "pass", "message": "fine"}],
        "run": {"dag_id": "ames_train", "run_id": "r1", "task_id": "register"},
        "release_policy": "auto",
        **changes,
    }


def outbox(app: FastAPI) -> list[tuple[str, str]]:
    with app.state.database.writing(system(SCOPE)) as work:
        return [(letter.kind, letter.payload) for letter in work.outbox.claim(work.now, 100)]


def test_first_version_is_one_and_the_next_ones_grow(
    as_workload: Callable[..., httpx.Client],
) -> None:
    client = as_workload()
    first = client.post("/versions", json=candidate())
    assert first.status_code == 200, first.text
    assert first.json()["version"] == "1.0.0"
    assert client.post("/versions", json=candidate("p2")).json()["version"] == "1.0.1"
    assert (
        client.post("/versions", json=candidate("p3", spec_digest="s2")).json()["version"]
        == "1.1.0"
    )
    listed = client.get("/models/ames/versions").json()
    assert [version["version"] for version in listed] == ["1.1.0", "1.0.1", "1.0.0"]
    assert client.get("/models/ames/versions/1.0.1").json()["package_digest"] == "p2"


def test_same_package_keeps_its_number_and_is_announced_once(
    app: FastAPI, as_workload: Callable[..., httpx.Client]
) -> None:
    client = as_workload()
    versions = {client.post("/versions", json=candidate()).json()["version"] for _ in range(3)}
    assert versions == {"1.0.0"}
    payload = '{"model":"ames","version":"1.0.0","package_digest":"p1"}'
    assert outbox(app) == [("version_registered", payload)]


def test_manual_release_is_not_announced(
    app: FastAPI, as_workload: Callable[..., httpx.Client]
) -> None:
    as_workload().post("/versions", json=candidate(release_policy="manual"))
    assert outbox(app) == []


def test_a_workload_registers_for_its_own_run_only(
    as_workload: Callable[..., httpx.Client],
) -> None:
    foreign = candidate(run={"dag_id": "bike_train", "run_id": "r1"})
    answer = as_workload().post("/versions", json=foreign)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_threads_never_share_a_number(as_workload: Callable[..., httpx.Client]) -> None:
    client = as_workload()
    numbers: list[str] = []

    def register(worker: int) -> None:
        for turn in range(4):
            package = candidate(f"p{worker}-{turn}")
            numbers.append(client.post("/versions", json=package).json()["version"])

    threads = [threading.Thread(target=register, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers, key=lambda n: int(n.split(".")[2])) == [f"1.0.{n}" for n in range(24)]
