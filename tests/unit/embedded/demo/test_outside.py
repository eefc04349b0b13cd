from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from include.embedded import credentials
from include.embedded.demo.outside import ROWS, Outside
from include.embedded.demo.progress import Progress
from include.embedded.home import Home
from tests.support.replay_zone import Zone, mortgage, spec_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = "mortgage_approval"


class Router(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.is_ready = False
        self.tokens: set[str] = set()
        self.labels = 0


class _Door(BaseHTTPRequestHandler):
    server: Router
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(200 if self.server.is_ready else 503, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/outcomes":
            self.server.tokens.add(self.headers["authorization"])
            self.server.labels += len(body["outcomes"])
        self._send(200, {"accepted": len(body.get("outcomes", ()))})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def router() -> Iterator[Router]:
    server = Router()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_callers_begin_when_somebody_answers_and_end_with_their_labels(
    router: Router, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone, home = Zone(tmp_path), Home(tmp_path)
    zone.write(f"{MODEL}/2026q3.csv", [mortgage(1)])
    zone.write(f"replay/{MODEL}/held_back.csv", [mortgage(n) for n in range(10, 20)])
    credentials.ensure(home)
    monkeypatch.setenv("AIRWORTHY_HOME", str(tmp_path))
    url = f"http://127.0.0.1:{router.server_address[1]}"
    outside = Outside(home, spec_of(MODEL), url, Progress())
    outside.begin_once_ready()
    assert outside.end() is None
    router.is_ready = True
    for _ in range(3):
        outside.begin_once_ready()
    time.sleep(0.5)
    told = outside.end()
    assert told is not None
    assert (told.failed, told.labels.lost, told.is_clean) == (0, 0, True)
    assert told.sent > 5
    assert router.labels == told.rows == ROWS * told.sent
    assert router.tokens == {f"Bearer {credentials.read(home).outcomes_token}"}


def test_nobody_at_the_router_is_not_ready(tmp_path: Path) -> None:
    outside = Outside(Home(tmp_path), spec_of(MODEL), "http://127.0.0.1:1", Progress())
    outside.begin_once_ready()
    assert outside.end() is None
