"""What tests of operators and sensors stand on: a real control plane, and tasks without Airflow.

Imports are inside the fixtures: this file is also loaded where neither Airflow nor FastAPI is.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-of-tests-"))
SECRET = "workload-secret-for-tests-0123456789"
FAKE_PYTHON = '''#!{python}
"""Stands in for the interpreter of the steps: does what the file `plan` beside it says."""
import json, os, pathlib, subprocess, sys, time
here = pathlib.Path(__file__).parent
given = dict(a.lstrip("-").split("=", 1) for a in sys.argv if a.startswith("--"))
(here / "argv.json").write_text(json.dumps(sys.argv))
(here / "environ.json").write_text(json.dumps(dict(os.environ)))
(here / "pid").write_text(str(os.getpid()))
exec((here / "plan").read_text())
'''


@dataclass
class Task:
    """A running try, as far as our operators look at one."""

    dag_id: str = "mortgage_approval_train"
    run_id: str = "manual__2026-01-01T00:00:00+00:00"
    task_id: str = "t"
    try_number: int = 1
    map_index: int | None = -1
    max_tries: int = 3
    retries: int = 3
    states: dict[str, str] = field(default_factory=dict)
    xcoms: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def task(self) -> SimpleNamespace:
        return SimpleNamespace(retries=self.retries)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self.xcoms.get((task_ids, key))

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        return {run_ids[0]: self.states}


def make_context(ti: Task, **changes: Any) -> dict[str, Any]:
    """Return a context; ``changes`` go to the DAG run, except params, exception and events."""
    aside = {
        key: changes.pop(key)
        for key in ("params", "exception", "triggering_asset_events")
        if key in changes
    }
    run = {
        "run_type": "manual",
        "data_interval_start": None,
        "run_after": datetime(2026, 1, 1, tzinfo=UTC),
        "clear_number": 0,
        **changes,
    }
    return {"ti": ti, "run_id": ti.run_id, "dag_run": SimpleNamespace(**run), "params": {}, **aside}


@pytest.fixture
def task() -> Task:
    """Return a running try."""
    return Task()


@pytest.fixture
def context(task: Task) -> Callable[..., dict[str, Any]]:
    """Return a maker of contexts of ``task``."""
    return lambda **changes: make_context(task, **changes)


@pytest.fixture
def compiled() -> Any:
    """Return the compiled spec of the mortgage model."""
    from include.spec.compiled import from_bytes

    path = Path(__file__).parents[2] / "dags/compiled/mortgage_approval.json"
    return from_bytes(path.read_bytes(), str(path))


@dataclass
class Steps:
    """The interpreter of the steps, replaced by a script that does as it is told."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "python")

    def plan(self, code: str) -> None:
        (self.folder / "plan").write_text(code)

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Return a stand-in for the step environment, with a store of its own."""
    folder = tmp_path / "interpreter"
    folder.mkdir()
    made = Steps(folder)
    Path(made.python).write_text(FAKE_PYTHON.format(python=sys.executable))
    Path(made.python).chmod(0o755)
    monkeypatch.setenv("AIRWORTHY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/store")
    monkeypatch.setenv("AIRWORTHY_STEPS_PYTHON", made.python)
    return made


@dataclass(frozen=True)
class Plane:
    """A control plane that listens, and its database."""

    url: str
    approver: Any
    clock: Any


class _People:
    """Knows people whose token is their name."""

    async def principal(self, request: Any) -> Any:
        from include.access.principal import Principal, Role, Scope
        from plugins.airworthy.api.identity.authenticator import bearer

        if bearer(request) != "approver":
            return None
        roles = frozenset({Role.VIEWER, Role.APPROVER})
        return Principal("person", "approver", roles, "test", Scope("default", "embedded"))


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
    from plugins.airworthy.api.identity.corroboration import Nobody

    database = tmp_path / "airworthy.db"
    database.write_bytes(empty_database.read_bytes())
    mine = settings.read({
        "AIRWORTHY_HOME": str(tmp_path / "plane"),
        "AIRWORTHY_DATABASE_URL": f"sqlite:///{database}",
        "AIRWORTHY_WORKLOAD_SECRET": SECRET,
    })
    (tmp_path / "plane").mkdir()
    app = create_app(mine, authenticator=_People(), clock=SystemClock(), corroborator=Nobody())
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{port}"
    connection = {"conn_type": "airworthy", "host": url, "password": SECRET}
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps(connection))
    with ControlPlane(url, lambda: "approver") as approver:
        yield Plane(url, approver, mine)
    server.should_exit = True
    thread.join(10)


class Script(ThreadingHTTPServer):
    """An HTTP server that answers from a list and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, answers: list[tuple[int, dict[str, str], Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Script
    protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        self.server.asked.append((self.command, self.path, json.loads(body) if body else None))
        place = min(len(self.server.asked), len(self.server.answers)) - 1
        status, headers, answer = self.server.answers[place]
        data = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    """Return a maker of scripted HTTP servers: each answer is (status, headers, body)."""
    running: list[Script] = []

    def start(*answers: tuple[int, dict[str, str], Any]) -> Script:
        server = Script(list(answers))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
