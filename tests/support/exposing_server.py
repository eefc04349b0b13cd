"""A server that shows counters at ``/metrics``, as our model servers do, and can be told not to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from tests.support.fake_prometheus import Counters


class ExposingServer(ThreadingHTTPServer):
    """Shows the counters of several processes, one of them at each look, in turns.

    Attributes:
        counters: What is shown; the address is a Service's where there are several.
        text: Shown instead, where it is not empty.
        status: Of every answer.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.counters: list[Counters] = []
        self.text, self.status = "", 200
        self.turn = 0
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def shown(self) -> str:
        if self.text or not self.counters:
            return self.text
        counters = self.counters[self.turn % len(self.counters)]
        self.turn += 1
        return "".join(_line(metric, labels, value) for metric, labels, value in counters.exposed())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller that hung up."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ExposingServer
    protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]

    def do_GET(self) -> None:
        data = self.server.shown().encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _line(metric: str, labels: dict[str, str], value: float) -> str:
    inner = ",".join(f'{name}="{label}"' for name, label in labels.items())
    return f"{metric}{{{inner}}} {value!r}\n"
