"""A real model server as a process: good and bad requests, refusing to start, draining."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import httpx
import psutil
import pytest

from include import digest
from include.evaluation.estimates import Outcomes, estimates
from include.evaluation.gates.judging import judge_all
from include.evaluation.report import EvaluationReport
from include.evaluation.window import describe
from include.evidence.tally import WARM_UP, output_bin
from include.serving.guard import MAX_BODY
from include.serving.package import seal, verify
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from include.steps.packaging import Ingredients, build
from include.training.digest import model_digest
from include.training.fit import fit
from include.training.report import TrainingReport
from include.training.target import truth
from tests.support.fake_prometheus import Phased

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]

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


@pytest.fixture(scope="module")
def package(toy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    packaged(toy.spec(), toy.rows(), folder)
    return folder


@pytest.fixture(scope="module")
def server(package):
    server = running(package)
    yield server
    output = ended(server)
    assert server.process.returncode == 0
    assert "Traceback" not in output


class TestAnswers:
    def test_second_protocol(self, server, toy):
        answer = server.ask({name: [cell] * 2 for name, cell in GOOD.items()}, id="x-1").json()
        assert (answer["model_name"], answer["model_version"], answer["id"]) == (
            "toy",
            "1.2.0",
            "x-1",
        )
        predictions, probabilities = answer["outputs"]
        assert (predictions["datatype"], predictions["shape"]) == ("INT64", [2])
        assert probabilities["parameters"] == {"positive": "1"}
        model = fit(toy.spec(), toy.rows()).model
        expected = model.predict(toy.rows(1).assign(**GOOD)).scores
        assert probabilities["data"] == pytest.approx(list(expected) * 2, abs=1e-12)

    def test_first_protocol_says_the_same(self, server):
        body = {"instances": [GOOD]}
        answer = server.client.post("/v1/models/toy:predict", json=body).json()
        second = server.row().json()["outputs"]
        assert answer["predictions"] == second[0]["data"]
        assert answer["probabilities"] == second[1]["data"]
        assert answer["model_version"] == "1.2.0"

    def test_unknown_category_is_said(self, server):
        answer = server.row(town="Oslo").json()
        assert answer["parameters"] == {"unknown_categories": "town=Oslo"}
        body = {"instances": [GOOD | {"town": "Oslo"}]}
        first = server.client.post("/v1/models/toy:predict", json=body).json()
        assert first["unknown_categories"] == "town=Oslo"

    def test_missing_value_in_a_nullable_column(self, server):
        assert server.row(town=None).status_code == 200

    def test_only_the_outputs_asked_for(self, server):
        columns = {name: [cell] for name, cell in GOOD.items()}
        answer = server.ask(columns, outputs=[{"name": "probabilities"}]).json()
        assert [output["name"] for output in answer["outputs"]] == ["probabilities"]

    def test_metadata_names_the_inputs(self, server):
        inputs = server.client.get("/v2/models/toy").json()["inputs"]
        assert {item["name"]: item["datatype"] for item in inputs} == KINDS

    def test_own_version_in_the_path(self, server):
        assert server.client.get("/v2/models/toy/versions/1.2.0/ready").status_code == 200
        assert server.client.get("/v2/models/toy/versions/1.1.0/ready").status_code == 404

    def test_metrics(self, server):
        assert "request_predict_seconds" in server.client.get("/metrics").text

    def test_nobody_else_is_listening(self, server):
        with socket.socket() as other, pytest.raises(OSError, match="refused"):
            other.connect(("127.0.0.2", server.port))


class TestBadRequests:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"grade": "7"}, "grade: not an allowed value (got '7'). Allowed: 1, 2, 3"),
            ({"income": 200.0}, "income: out of range (got '200.0'). Allowed: -100 to 100"),
            ({"income": None}, "income: a value is missing. It is required"),
            ({"owner": "yes"}, "owner: not true or false (got 'yes')"),
            ({"years": 1.5}, "years: not a whole number (got '1.5')"),
        ],
    )
    def test_bad_cell(self, server, changes, told):
        answer = server.row(**changes)
        assert (answer.status_code, answer.json()) == (400, {"error": told})

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'"x"',
            b"{}",
            b"\xff\xfe",
            b'{"inputs": null}',
            b'{"inputs": []}',
            b'{"inputs": [3]}',
            b'{"inputs": [{"name": "income"}]}',
            b'{"inputs": [{"name": "income", "datatype": "FP64", "shape": [1], "data": [NaN]}]}',
            b'{"inputs": [{"name": "income", "datatype": "FP64", "shape": [NaN], "data": [1]}]}',
            b'{"inputs": [{"name": "\\ud800", "datatype": "FP64", "shape": [1], "data": [1]}]}',
            b'{"inputs": [{"name": "income", "datatype": "\\ud800", "shape": [1], "data": [1]}]}',
            b'{"id": NaN, "inputs": []}',
            b'{"parameters": {"a": NaN}, "inputs": []}',
            b'{"inputs": ' + b"[" * 100_000,
            b'{"inputs": ' + b"9" * 10_000 + b"}",
            b'{"instances": 3}',
            b'{"instances": []}',
            b'{"instances": [3]}',
            b'{"instances": [{}]}',
            b'{"instances": [{"income": 1}]}',
        ],
    )
    @pytest.mark.parametrize("path", ["/v2/models/toy/infer", "/v1/models/toy:predict"])
    def test_malformed_body(self, server, path, body):
        headers = {"content-type": "application/json"}
        answer = server.client.post(path, content=body, headers=headers)
        assert answer.status_code in {400, 413, 422}, answer.text
        assert answer.json()["error"]

    def test_text_that_cannot_be_encoded(self, server):
        columns = {name: [cell] for name, cell in GOOD.items()}
        inputs = [
            {"name": n, "datatype": KINDS[n], "shape": [1], "data": c} for n, c in columns.items()
        ]
        body = json.dumps({"id": "ID", "inputs": inputs}).replace("Ames", "\\ud800")
        body = body.replace("ID", "\\ud800")
        headers = {"content-type": "application/json"}
        answer = server.client.post("/v2/models/toy/infer", content=body, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["parameters"] == {"unknown_categories": "town=\\ud800"}

    def test_no_rows(self, server):
        answer = server.ask({name: [] for name in GOOD})
        assert (answer.status_code, "no rows" in answer.text) == (400, True)

    def test_too_many_rows(self, server):
        answer = server.ask({name: [cell] * 10_001 for name, cell in GOOD.items()})
        assert (answer.status_code, "at most 10000" in answer.text) == (400, True)

    def test_as_many_as_allowed(self, server):
        answer = server.ask({name: [cell] * 10_000 for name, cell in GOOD.items()})
        assert len(answer.json()["outputs"][0]["data"]) == 10_000

    def test_ten_megabytes(self, server):
        body = b'{"inputs": "' + b"x" * (10 << 20) + b'"}'
        assert len(body) > MAX_BODY
        headers = {"content-type": "application/json"}
        # A kept connection may be closed by the server at the very moment it is used again.
        with httpx.Client(base_url=server.client.base_url, trust_env=False) as fresh:
            answer = fresh.post("/v2/models/toy/infer", content=body, headers=headers)
        assert answer.status_code == 413
        assert server.client.get("/v2/health/ready").status_code == 200

    def test_other_model(self, server):
        body = {"inputs": []}
        assert server.client.post("/v2/models/other/infer", json=body).status_code == 404

    def test_unknown_output(self, server):
        columns = {name: [cell] for name, cell in GOOD.items()}
        answer = server.ask(columns, outputs=[{"name": "shap"}])
        assert (answer.status_code, "predictions, probabilities" in answer.text) == (400, True)

    def test_nobody_can_unload_the_model(self, server):
        assert server.client.post("/v2/repository/models/toy/unload").status_code == 404
        assert server.row().status_code == 200


class TestRegression:
    def test_answers_numbers_without_probabilities(self, toy, tmp_path):
        packaged(toy.regression(), toy.rows(), tmp_path / "package")
        server = running(tmp_path / "package")
        try:
            outputs = server.row().json()["outputs"]
        finally:
            ended(server)
        assert [(output["name"], output["datatype"]) for output in outputs] == [
            ("predictions", "FP64")
        ]


class TestEvidence:
    """What the server says of itself, as the evidence of a phase."""

    @pytest.fixture
    def watched(self, package):
        server = running(package)
        address = f"http://127.0.0.1:{server.port}"
        arm = Arm("v1", "1.2.0", 100, addresses=(address,))
        phase = Phase("toys", 1, time.time(), (arm,), model="toy")
        found = source(configured({"kind": "pods"}), Phased("toys", {1: phase}))
        yield server, lambda: asyncio.run(found.evidence("toys", 1))
        ended(server)

    def test_requests_and_predictions_are_counted(self, watched):
        server, evidence = watched
        assert evidence().tallies == ()
        for _ in range(30):
            assert server.row().status_code == 200
        two_rows = server.ask({name: [cell] * 2 for name, cell in GOOD.items()}).json()
        probability = two_rows["outputs"][1]["data"][0]
        assert server.row(income="much").status_code == 400
        assert server.client.post("/v2/models/toy/infer", content="x").status_code == 415
        (tally,) = evidence().tallies
        assert (tally.variant, tally.version) == ("v1", "1.2.0")
        assert (tally.requests, tally.errors, tally.refused) == (31, 0, 2)
        assert sum(tally.latency) == 31 - WARM_UP
        ((place, count),) = tally.outputs
        assert count == 32
        assert place >= output_bin(probability) > place - 3

    def test_health_and_metrics_are_no_requests(self, watched):
        server, evidence = watched
        evidence()
        for path in ("/metrics", "/v2/health/ready", "/v2/models/toy", "/elsewhere"):
            server.client.get(path)
        assert evidence().tallies == ()


class TestStarting:
    def failure(self, package, port=None, *more):
        process = launch(package, port or free_port(), *more)
        output = process.communicate(timeout=START_SECONDS)[0]
        return process.returncode, json.loads(output.splitlines()[-1])

    def test_tampered_package(self, package, tmp_path):
        shutil.copytree(package, tmp_path / "copy")
        path = tmp_path / "copy" / "contract.json"
        path.write_bytes(path.read_bytes().replace(b"100", b"999"))
        code, failure = self.failure(tmp_path / "copy")
        assert (code, failure["error"]) == (20, "PackageTampered")
        assert failure["where"].endswith("contract.json")

    def test_another_package_than_asked_for(self, package):
        code, failure = self.failure(package, None, f"--digest={'0' * 64}")
        assert (code, failure["error"]) == (20, "PackageTampered")

    def test_probe_answered_differently(self, package, tmp_path):
        """A well-made package whose model is another one than its probe was recorded with."""
        folder = tmp_path / "copy"
        shutil.copytree(package, folder)
        document = json.loads((folder / "probe.json").read_text())
        document["scores"][2] += 0.001
        (folder / "probe.json").write_bytes(digest.canonical(document))
        seal(folder, model="toy", model_digest=verify(package).model_digest)
        code, failure = self.failure(folder)
        assert (code, failure["error"]) == (10, "Rejected")
        assert "probe row 2" in failure["what"]

    def test_port_taken(self, package, server):
        code, failure = self.failure(package, server.port)
        assert (code, failure["what"]) == (30, "the port is taken")


class TestDraining:
    def test_request_in_flight_is_answered_after_sigterm(self, package):
        server = running(package)
        body = json.dumps({"instances": [GOOD]}).encode()
        head = (
            "POST /v1/models/toy:predict HTTP/1.1\r\nHost: toy\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
                connection.sendall(head + body[:10])
                time.sleep(0.3)
                os.kill(server.process.pid, signal.SIGTERM)
                time.sleep(0.5)
                with pytest.raises(httpx.TransportError):
                    httpx.get(f"http://127.0.0.1:{server.port}/v2/health/ready", timeout=2)
                connection.sendall(body[10:])
                answer = connection.recv(65536)
        finally:
            output = ended(server)
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.process.returncode == 0
        assert "Traceback" not in output


def test_a_variant_tells_the_version_and_pods_listen_on_every_address(package):
    port = free_port()
    command = [sys.executable, "-m", "include.serving.model_server", f"--package={package}"]
    options = ["--name=toy", "--variant=v1_20_3", f"--port={port}", "--host=0.0.0.0"]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    server = Server(process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20), port)
    try:
        listening(server)
        assert server.row().json()["model_version"] == "1.20.3"
        sockets = psutil.Process(process.pid).connections()
        assert {one.laddr.ip for one in sockets if one.laddr.port == port} >= {"0.0.0.0"}
    finally:
        ended(server)


def test_neither_version_nor_variant_is_no_way_to_start(package):
    command = [sys.executable, "-m", "include.serving.model_server", f"--package={package}"]
    done = subprocess.run(
        [*command, "--name=toy", "--port=1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--version --variant" in done.stderr
