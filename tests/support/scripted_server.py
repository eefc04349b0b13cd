"""An HTTP server that answers from a list."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names http.server looks for

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
