from __future__ import annotations

import hashlib
import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from starlette.requests import Request

from include import settings as installation
from include.access.principal import Role, Scope
from include.client.messages.base import RunRef
from include.clock import ManualClock
from include.errors import BadInput
from plugins.airworthy.api.identity import signing_key, token_file
from plugins.airworthy.api.identity.corroboration import Account, AirflowRuns, Nobody, Standing
from plugins.airworthy.api.serve import standalone

if TYPE_CHECKING:
    from pathlib import Path

    from include.access.principal import Principal

SCOPE = Scope("default", "embedded")
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TRY = RunRef(dag_id="ames train", run_id="manual__2026-03-02T08:00:00+00:00", task_id="a/b")


def request(token: str) -> Request:
    header = (b"authorization", f"Bearer {token}".encode())
    return Request({"type": "http", "headers": [header]})


def entry(token: str, **changes: Any) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(token.encode()).hexdigest(),
        "kind": "person",
        "id": "ann",
        "roles": ["viewer", "approver"],
        **changes,
    }


def written(path: Path, *entries: dict[str, Any]) -> str:
    path.write_text(json.dumps(entries), encoding="utf-8")
    return str(path)


def known(path: str, token: str) -> Principal | None:
    return anyio.run(token_file.read(path, SCOPE).principal, request(token))


def test_people_and_services_of_a_file(tmp_path: Path) -> None:
    path = written(
        tmp_path / "tokens.json",
        entry("awp_ann"),
        entry("aws_relay", kind="service", id="relay", roles=["service"], environment="other"),
    )
    ann, relay = known(path, "awp_ann"), known(path, "aws_relay")
    assert ann is not None
    assert (ann.key, ann.scope) == ("person:ann", SCOPE)
    assert relay is not None
    assert (relay.kind, relay.scope.environment) == ("service", "other")
    assert known(path, "awp_bob") is None


def test_people_and_machines_are_never_mixed(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    for wrong in (
        entry("awp_x", roles=["service"]),
        entry("awp_x", roles=["viewer", "workload"]),
        entry("aws_x", kind="service", roles=["approver"]),
        entry("aws_x", kind="workload", roles=["workload"]),
        entry("awp_x", roles=[]),
        entry("awp_x", secret="awp_x"),
        entry("awp_x", sha256="short"),
    ):
        with pytest.raises(BadInput, match="no usable token file"):
            token_file.read(written(path, wrong), SCOPE)
    assert known(written(path, entry("aws_ann")), "aws_ann") is None


def test_no_file_knows_nobody_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert known("", "awp_ann") is None
    with pytest.raises(BadInput):
        token_file.read(str(tmp_path / "none.json"), SCOPE)


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    settings = installation.read({"AIRWORTHY_HOME": str(tmp_path)})
    keys: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: keys.append(signing_key.load(settings))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    path = tmp_path / "secrets" / "control_plane.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    path.chmod(0o644)
    with pytest.raises(BadInput, match="others may read"):
        signing_key.load(settings)


def test_a_given_key_is_long_enough(tmp_path: Path) -> None:
    env = {"AIRWORTHY_HOME": str(tmp_path), "AIRWORTHY_SIGNING_KEY": "k" * 31}
    with pytest.raises(BadInput, match="too short"):
        signing_key.load(installation.read(env))
    env["AIRWORTHY_SIGNING_KEY"] = "k" * 32
    assert signing_key.load(installation.read(env)) == b"k" * 32
    assert "kkk" not in repr(installation.read(env))
    assert not (tmp_path / "secrets").exists()


class Airflow:
    """Airflow's API as far as it is asked here."""

    def __init__(self) -> None:
        self.instance: dict[str, Any] | None = {"state": "running", "try_number": 1}
        self.status = 200
        self.paths: list[str] = []
        self.logins = 0

    def __call__(self, asked: httpx.Request) -> httpx.Response:
        if asked.url.path == "/auth/token":
            self.logins += 1
            return httpx.Response(201, json={"access_token": f"jwt{self.logins}"})
        self.paths.append(asked.url.raw_path.decode())
        if self.status == 0:
            raise httpx.ReadTimeout("slow")
        if asked.headers["authorization"] == "Bearer jwt1" and self.status == 401:
            self.status = 200
            return httpx.Response(401)
        if self.instance is None:
            return httpx.Response(404)
        return httpx.Response(self.status, json=self.instance)


def asking(airflow: Airflow, clock: ManualClock | None = None) -> AirflowRuns:
    return AirflowRuns(
        "http://airflow",
        Account("airworthy", "password"),
        clock or ManualClock(NOW),
        transport=httpx.MockTransport(airflow),
    )


@pytest.mark.parametrize(
    ("instance", "standing"),
    [
        ({"state": "running", "try_number": 1, "extra": "ignored"}, Standing.RUNNING),
        ({"state": "deferred", "try_number": 1}, Standing.RUNNING),
        ({"state": "running", "try_number": 2}, Standing.NOT_RUNNING),
        ({"state": "queued", "try_number": 1}, Standing.NOT_RUNNING),
        ({"state": None, "try_number": 1}, Standing.NOT_RUNNING),
        (
            {"state": "failed", "try_number": 1, "end_date": "2026-03-02T07:59:00Z"},
            Standing.RUNNING,
        ),
        (
            {"state": "success", "try_number": 1, "end_date": "2026-03-02T07:57:00Z"},
            Standing.NOT_RUNNING,
        ),
        (None, Standing.NOT_RUNNING),
        ({"state": 7}, Standing.UNKNOWN),
    ],
)
def test_what_airflow_says(instance: dict[str, Any] | None, standing: Standing) -> None:
    airflow = Airflow()
    airflow.instance = instance
    assert asking(airflow).standing(TRY) is standing


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("queued", Standing.RUNNING),
        ("running", Standing.RUNNING),
        ("success", Standing.NOT_RUNNING),
        ("failed", Standing.NOT_RUNNING),
        ("deferred", Standing.NOT_RUNNING),
    ],
)
def test_what_airflow_says_of_a_whole_run(state: str, standing: Standing) -> None:
    airflow = Airflow()
    airflow.instance = {"state": state, "end_date": "2026-03-02T07:57:00Z"}
    assert asking(airflow).standing(TRY.model_copy(update={"task_id": ""})) is standing


def test_ids_are_escaped_and_mapped_tries_have_an_index() -> None:
    airflow = Airflow()
    runs = asking(airflow)
    runs.standing(TRY)
    runs.standing(TRY.model_copy(update={"map_index": 3}))
    runs.standing(TRY.model_copy(update={"task_id": ""}))
    run = "/api/v2/dags/ames%20train/dagRuns/manual__2026-03-02T08%3A00%3A00%2B00%3A00"
    assert airflow.paths == [
        f"{run}/taskInstances/a%2Fb", f"{run}/taskInstances/a%2Fb/3", run,
    ]  # fmt: skip


@pytest.mark.parametrize("status", [0, 403, 500])
def test_an_airflow_that_does_not_answer_leaves_a_claim(status: int) -> None:
    airflow = Airflow()
    airflow.status = status
    assert asking(airflow).standing(TRY) is Standing.UNKNOWN
    assert Nobody().standing(TRY) is Standing.UNKNOWN


def test_an_ended_login_is_renewed() -> None:
    airflow = Airflow()
    airflow.status = 401
    assert asking(airflow).standing(TRY) is Standing.RUNNING
    assert airflow.logins == 2


def test_yes_is_kept_for_a_minute_and_no_is_not() -> None:
    airflow, clock = Airflow(), ManualClock(NOW)
    runs = asking(airflow, clock)
    for _ in range(3):
        assert runs.standing(TRY) is Standing.RUNNING
    assert len(airflow.paths) == 1
    clock.instant += timedelta(seconds=60)
    airflow.instance = None
    for _ in range(2):
        assert runs.standing(TRY) is Standing.NOT_RUNNING
    assert len(airflow.paths) == 3


def test_a_control_plane_that_runs_alone_checks_its_files_first(tmp_path: Path) -> None:
    broken = {
        "AIRWORTHY_HOME": str(tmp_path),
        "AIRWORTHY_TOKENS_FILE": str(tmp_path / "none.json"),
    }
    with pytest.raises(BadInput):
        standalone(installation.read(broken))
    path = written(tmp_path / "tokens.json", entry("awp_ann", roles=[Role.VIEWER]))
    app = standalone(installation.read({**broken, "AIRWORTHY_TOKENS_FILE": path}))
    app.state.database.close()
