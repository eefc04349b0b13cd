"""A real control plane on a free port, for tests; imports are inside the fixtures."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = ("approver", "operator", "admin")
SECRET = "workload-secret-for-tests-0123456789"


@dataclass(frozen=True)
class Plane:
    """A control plane that listens, its database, and what it hears of Airflow's runs."""

    url: str
    approver: Any
    clock: Any
    operator: Any
    admin: Any
    airflow: Airflow


class Airflow:
    """Knows of the runs that it was told of whether they go on, and nothing of any other."""

    def __init__(self) -> None:
        self.runs: dict[str, bool] = {}

    def standing(self, run: Any) -> Any:
        from plugins.airworthy.api.identity.corroboration import Standing

        if run.task_id or run.run_id not in self.runs:
            return Standing.UNKNOWN
        return Standing.RUNNING if self.runs[run.run_id] else Standing.NOT_RUNNING


class _People:
    """Knows people whose token is their name."""

    async def principal(self, request: Any) -> Any:
        from include.access.principal import Principal, Role, Scope
        from plugins.airworthy.api.identity.authenticator import bearer

        name = bearer(request)
        if name not in PEOPLE:
            return None
        roles = frozenset({Role.VIEWER, Role(name)})
        return Principal("person", name, roles, "test", Scope("default", "embedded"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated database to copy."""
    from plugins.airworthy.api.migrate import upgrade

    path = tmp_path_factory.mktemp("database") / "airworthy.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def plane(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """Run the real control plane on a free port, with the connection that leads to it."""
    import uvicorn

    from include import settings
    from include.client.control_plane import ControlPlane
    from include.clock import SystemClock
    from plugins.airworthy.api.app import create_app

    database = tmp_path / "airworthy.db"
    database.write_bytes(empty_database.read_bytes())
    mine = settings.read({
        "AIRWORTHY_HOME": str(tmp_path / "plane"),
        "AIRWORTHY_DATABASE_URL": f"sqlite:///{database}",
        "AIRWORTHY_WORKLOAD_SECRET": SECRET,
    })
    (tmp_path / "plane").mkdir()
    airflow = Airflow()
    app = create_app(mine, authenticator=_People(), clock=SystemClock(), corroborator=airflow)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{port}"
    connection = {"conn_type": "airworthy", "host": url, "password": SECRET}
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps(connection))
    people = [ControlPlane(url, lambda name=name: name) for name in PEOPLE]
    approver, operator, admin = people
    yield Plane(url, approver, mine, operator, admin, airflow)
    for person in people:
        person.close()
    server.should_exit = True
    thread.join(10)
