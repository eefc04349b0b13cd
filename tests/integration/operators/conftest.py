"""A registered version, an endpoint's daemon and the tasks of a release, for release tests."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from include import digest
from include.client.control_plane import ControlPlane
from include.client.messages.base import RunRef
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion, Version
from include.client.workload import WorkloadTokens
from include.serving.features import FeatureContract, FeatureRule
from include.serving.probe import CONTRACT, PROBE, Probe
from include.verdict import Verdict
from tests.support.control_plane import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-of-tests-"))
MODEL = "mortgage_approval"
PROBE_VALUES, PROBE_SCORES = (1, 0), (0.9, 0.2)


class Daemon(ThreadingHTTPServer):
    """Remembers the endpoints it was told, is ready at once, and answers probes as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Admin)
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.scores: tuple[float, ...] = PROBE_SCORES
        self.health = "ready"
        self.is_down = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def weights(self, name: str = MODEL) -> dict[str, int]:
        return {v["version"]: v["weight"] for v in self.endpoints[name]["variants"]}

    def observation(self, name: str) -> dict[str, Any]:
        wanted = self.endpoints[name]
        states = [
            {
                **{key: variant[key] for key in ("name", "version", "weight")},
                "health": self.health, "url": "", "restarts": 0, "message": "",
            }
            for variant in wanted["variants"]
        ]  # fmt: skip
        head = {key: wanted[key] for key in ("name", "revision", "fencing_token")}
        return {**head, "url": self.url, "variants": states}

    def answer(self) -> dict[str, Any]:
        return {
            "outputs": [
                {"name": "predictions", "data": list(PROBE_VALUES)},
                {"name": "probabilities", "data": list(self.scores)},
            ]
        }


class _Admin(BaseHTTPRequestHandler):
    server: Daemon

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.server.is_down:
            self.server.endpoints[body["name"]] = body
        self._send(self.server.observation(body["name"]) if not self.server.is_down else {})

    def do_GET(self) -> None:
        self._send(self.server.observation(self.path.split("/")[2]))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._send(self.server.answer())

    def _send(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(503 if self.server.is_down else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Run a daemon and the connection that leads to it."""
    server = Daemon()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    connection = {"conn_type": "airworthy", "host": server.url, "password": "t"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY_SERVING", json.dumps(connection))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def register(plane: Any, tmp_path: Path, compiled: Any) -> Iterator[Callable[[str], Version]]:
    """Give what registers a package under the next number."""
    run = RunRef(dag_id=f"{MODEL}_train", run_id="r", task_id="register")
    client = ControlPlane(plane.url, WorkloadTokens(plane.url, SECRET, run))

    def made(name: str) -> Version:
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True)
        column = compiled.spec.data.features[0]
        contract = FeatureContract(
            model=MODEL, task=compiled.spec.task, labels=(0, 1), positive=1,
            features=(FeatureRule(column=column, known=()),),
        )  # fmt: skip
        probe = Probe(rows=((1,), (0,)), values=PROBE_VALUES, scores=PROBE_SCORES)
        (folder / CONTRACT).write_text(contract.model_dump_json())
        (folder / PROBE).write_text(probe.model_dump_json())
        return client.register_version(
            RegisterVersion(
                model=MODEL,
                package_uri=f"file://{folder}",
                package_digest=digest.of_json(name),
                model_digest=digest.of_json([name]),
                signature='{"inputs":[],"outputs":[]}',
                dataset_digest=digest.of_json("data"),
                spec_digest=compiled.digest,
                spec_uri="file:///store/spec.json",
                metrics=(MetricValue(name="auc", value=0.79, lower=0.71, upper=0.86),),
                gates=(GateOutcome(name="ranks", verdict=Verdict.PASS, message="0.79 >= 0.6"),),
                run=run,
                release_policy="auto",
            )
        )

    yield made
    client.close()
