"""Writers that register versions until the control plane is killed, and what must be there then."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.standalone_api import ADMIN, SECRET

if TYPE_CHECKING:
    from tests.support.standalone_api import Server

WRITERS, LEAST = 3, 10
GATE = {"name": "ranks", "verdict": "pass", "message": "fine"}
RUN = {"dag_id": "ames_train", "run_id": "r1", "task_id": "register"}


def candidate(package: str) -> dict[str, Any]:
    return {
        "model": "ames", "package_uri": "u", "package_digest": package, "model_digest": "m",
        "signature": "{}", "dataset_digest": "d", "spec_digest": "s", "spec_uri": "u",
        "metrics": [], "gates": [GATE], "run": RUN, "release_policy": "auto",
    }  # fmt: skip


def workload(url: str) -> httpx.Client:
    client = httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=10)
    token = client.post(
        "/tokens", json={"run": RUN}, headers={"X-Airworthy-Workload-Secret": SECRET}
    ).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def write(url: str, prefix: str, acknowledged: dict[str, str]) -> None:
    try:
        with closing(workload(url)) as client:
            for number in range(1000):
                package = f"{prefix}-{number}"
                answer = client.post(
                    "/versions", json=candidate(package), headers={"Idempotency-Key": package}
                )
                if answer.status_code == 200:
                    acknowledged[package] = answer.json()["version"]
    except httpx.TransportError:
        return  # killed


def kill_while_writing(server: Server, prefix: str, acknowledged: dict[str, str]) -> None:
    """Kill the server among writes, ``LEAST`` of them acknowledged, and start it again."""
    writers = [
        threading.Thread(target=write, args=(server.url, f"{prefix}-{w}", acknowledged))
        for w in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    before, ends = len(acknowledged), time.monotonic() + 30
    while len(acknowledged) < before + LEAST and time.monotonic() < ends:
        time.sleep(0.01)
    server.kill()
    for writer in writers:
        writer.join()
    server.start()
    assert len(acknowledged) >= before + LEAST


def check_nothing_is_lost(server: Server, acknowledged: dict[str, str]) -> int:
    """Return how many versions are stored: all acknowledged ones, each with its one event."""
    with closing(workload(server.url)) as client:
        stored = {v["package_digest"]: v["version"] for v in versions(client)}
        assert acknowledged.items() <= stored.items()
        assert len(set(stored.values())) == len(stored)
        first = next(iter(acknowledged))
        again = client.post("/versions", json=candidate(first), headers={"Idempotency-Key": first})
        assert again.json()["version"] == acknowledged[first]
    told = [e["object_id"] for e in events(server) if e["action"] == "version.registered"]
    assert sorted(told) == sorted(f"ames/{number}" for number in stored.values())
    return len(stored)


def versions(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/models/ames/versions").json()
    return found


def events(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    headers = {"Authorization": f"Bearer {ADMIN}"}
    while True:
        after = found[-1]["id"] if found else ""
        page = httpx.get(
            f"{server.url}/api/v1/events",
            params={"after": after, "limit": 1000},
            headers=headers,
            trust_env=False,
        ).json()
        if not page:
            return found
        found.extend(page)
