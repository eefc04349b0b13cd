"""``airworthy rollout list | show | rollback`` against a control plane that listens."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from include.cli.main import main
from tests.support.control_plane import SECRET
from tests.unit.api.test_rollouts import (
    DAG,
    FIRST,
    clear,
    move,
    promote,
    want,
    wish,
)  # fmt: skip
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.control_plane import Plane


def workload(url: str, dag_id: str, run_id: str) -> httpx.Client:
    client = httpx.Client(base_url=f"{url}/api/v1", trust_env=False)
    run = {"dag_id": dag_id, "run_id": run_id, "task_id": "t"}
    headers = {"X-Airworthy-Workload-Secret": SECRET}
    token = client.post("/tokens", json={"run": run}, headers=headers).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def released(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Version 1.0.0 is live, and 1.0.1 is on its way."""
    monkeypatch.setenv("AIRWORTHY_TOKEN", "operator")
    with (
        closing(workload(plane.url, "ames_train", "r1")) as training,
        closing(workload(plane.url, DAG, "r1")) as first,
        closing(workload(plane.url, DAG, "r2")) as second,
    ):
        for package in ("p1", "p2"):
            training.post("/versions", json=candidate(package))
        promote(first, first.post("/rollouts", json=wish()).json())
        plan = {**FIRST, "kind": "canary"}
        body = wish("r2", version="1.0.1", plan=plan)
        yield {"client": second, "rollout": second.post("/rollouts", json=body).json()}


def command(plane: Plane, *arguments: str) -> int:
    return main(["rollout", *arguments, "--url", plane.url])


def test_a_person_stops_a_release_and_later_goes_back(
    plane: Plane, released: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    client, rollout = released["client"], released["rollout"]
    assert command(plane, "list", "ames") == 0
    assert "ames 1.0.1 beside 1.0.0 (canary)  opened" in capsys.readouterr().out
    promote(client, rollout)
    assert command(plane, "rollback", "ames", "--reason", "customers complain") == 0
    assert "ames: back from 1.0.1 to 1.0.0" in capsys.readouterr().out
    assert command(plane, "show", rollout["id"]) == 0
    told = capsys.readouterr().out
    assert "stage_100  passed     revision" in told
    assert "rollout.promoted" in told


def test_a_rollout_under_way_is_stopped(
    plane: Plane, released: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    client, rollout = released["client"], released["rollout"]
    move(client, rollout, "approved", "dark", "verified")
    clear(client, rollout)
    assert command(plane, "rollback", "ames", "--reason", "wrong batch") == 0
    told = capsys.readouterr().out
    assert f"rollout {rollout['id']} is asked to stop" in told
    assert "1.0.1 goes, 1.0.0 stays" in told
    assert command(plane, "show", rollout["id"]) == 0
    assert "to stop: wrong batch (operator)" in capsys.readouterr().out
    want(client, rollout, {"1.0.0": 100})
    move(client, rollout, "stopped")
    assert command(plane, "rollback", "ames", "--reason", "still bad") == 1
    assert "no version that was live and healthy before" in capsys.readouterr().err


def test_what_cannot_be_asked_for(
    plane: Plane, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("AIRWORTHY_TOKEN", "operator")
    assert command(plane, "rollback", "nothing", "--reason", "bad") == 1
    assert "no endpoint serves it" in capsys.readouterr().err
    monkeypatch.delenv("AIRWORTHY_TOKEN")
    monkeypatch.setenv("AIRWORTHY_HOME", str(tmp_path))
    assert command(plane, "list") == 1
    assert "make up" in capsys.readouterr().err
