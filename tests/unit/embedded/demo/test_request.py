from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from include.embedded.demo import request
from include.embedded.demo.training import Unexpected
from include.embedded.home import REPOSITORY
from include.spec import compiled

if TYPE_CHECKING:
    from include.spec.model import Spec

ANSWER = {"outputs": [{"name": "approve", "shape": [1], "datatype": "FP64", "data": [0.9]}]}


@pytest.fixture(scope="module")
def spec() -> Spec:
    path = REPOSITORY / "dags" / "compiled" / "mortgage_approval.json"
    return compiled.read(path, environment="embedded").spec


def arrived(spec: Spec, *rows: str) -> bytes:
    names = [column.name for column in spec.data.features]
    return "\n".join([",".join(names), *(",".join([row] * len(names)) for row in rows)]).encode()


def test_the_first_complete_row_is_asked_about(spec: Spec) -> None:
    document = json.loads(request.body(spec, arrived(spec, "", "1", "0")))
    assert [one["name"] for one in document["inputs"]] == [c.name for c in spec.data.features]
    assert {float(one["data"][0]) for one in document["inputs"]} == {1.0}


def test_a_file_without_a_complete_row_is_refused(spec: Spec) -> None:
    with pytest.raises(Unexpected, match="no row"):
        request.body(spec, arrived(spec, ""))


class Endpoint(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        text = json.dumps(ANSWER).encode()
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: object) -> None:
        return


class Broken(Endpoint):
    status = 503


def serve(handler: type[Endpoint]) -> HTTPServer:
    server = HTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.mark.parametrize("path", [None, "/nowhere"])
def test_an_answer_is_an_answer_with_curl_and_without(
    monkeypatch: pytest.MonkeyPatch, path: str | None
) -> None:
    if path:
        monkeypatch.setenv("PATH", path)
    server = serve(Endpoint)
    try:
        answer = request.ask(f"http://127.0.0.1:{server.server_port}/infer", "{}")
    finally:
        server.shutdown()
        server.server_close()
    assert answer.outputs == {"approve": (0.9,)}
    assert answer.client == ("httpx" if path else answer.client)


def test_a_refusal_is_no_answer() -> None:
    server = serve(Broken)
    try:
        with pytest.raises(Unexpected, match="answers 503"):
            request.ask(f"http://127.0.0.1:{server.server_port}/infer", "{}")
    finally:
        server.shutdown()
        server.server_close()


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(Unexpected, match="reach"):
        request.ask("http://127.0.0.1:1/infer", "{}")
