"""A real model server as a process: good and bad requests, refusing to start, draining."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import httpx
import pytest

from include.evidence.tally import WARM_UP, output_bin
from include.serving.guard import MAX_BODY
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from include.training.fit import fit
from tests.support.fake_prometheus import Phased
from tests.support.model_server_process import GOOD, KINDS, ended, packaged, running

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]


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
