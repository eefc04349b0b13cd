"""Toy packages, and model servers that answer from them in a process of their own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import httpx

from include.evaluation.estimates import Outcomes, estimates
from include.evaluation.gates.judging import judge_all
from include.evaluation.report import EvaluationReport
from include.evaluation.window import describe
from include.steps.packaging import Ingredients, build
from include.training.digest import model_digest
from include.training.fit import fit
from include.training.report import TrainingReport
from include.training.target import truth

GOOD = {"income": 1.5, "years": 3, "owner": True, "town": "Ames", "grade": "2"}
KINDS = {"income": "FP64", "years": "INT64", "owner": "BOOL", "town": "BYTES", "grade": "BYTES"}
START_SECONDS = 60


def packaged(spec, rows, folder):
    model = fit(spec, rows).model
    said, actual = model.predict(rows), truth(rows, spec, model.classes)
    measured = estimates(spec, Outcomes(actual, said.scores, float(actual.mean())))
    found = model_digest(model, rows)
    evaluation = EvaluationReport(
        model=spec.model,
        model_digest=found,
        dataset_digest="d",
        window=describe(spec, rows),
        level=0.95,
        resamples=200,
        estimates=measured.made,
        undefined=measured.undefined,
        used_before=0,
    )
    training = TrainingReport(
        model=spec.model,
        algorithm=spec.training.candidates[0],
        parameters={},
        seed=1,
        training_rows=len(rows),
        features=tuple(column.name for column in model.features),
        dropped=(),
        notes=(),
        baseline=0.5,
        model_digest=found,
        libraries={},
    )
    gates = judge_all(spec, evaluation)
    return build(Ingredients(spec, "s", model, rows, training, evaluation, gates), folder)


@dataclass
class Server:
    """A running model server."""

    process: subprocess.Popen
    client: httpx.Client
    port: int

    def ask(self, columns, **more):
        """Send one V2 request: cells by column."""
        inputs = [
            {"name": name, "datatype": KINDS[name], "shape": [len(cells)], "data": cells}
            for name, cells in columns.items()
        ]
        return self.client.post("/v2/models/toy/infer", json={"inputs": inputs} | more)

    def row(self, **changes):
        """Send one V2 request of one row."""
        return self.ask({name: [cell] for name, cell in (GOOD | changes).items()})


def launch(package, port, *more):
    command = [sys.executable, "-m", "include.serving.model_server", f"--package={package}"]
    options = ["--name=toy", "--version=1.2.0", f"--port={port}", *more]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def running(package):
    port = free_port()
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)
    return listening(Server(launch(package, port), client, port))


def listening(server):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if server.client.get("/v2/health/ready").status_code == 200:
                return server
        except httpx.TransportError:
            time.sleep(0.05)
    server.process.kill()
    raise AssertionError(server.process.communicate()[0])


def ended(server):
    server.client.close()
    server.process.send_signal(signal.SIGTERM)
    try:
        return server.process.communicate(timeout=30)[0]
    finally:
        server.process.kill()
