"""A Prometheus in a thread: scrapes what it is told to, keeps the samples, answers the HTTP API.

It knows selectors with a range, ``time()`` and metadata, no more; what a real one does with them
is tested in ``tests/integration/serving/test_prometheus.py``.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from include.serving.prometheus.selectors import parse

RANGE = re.compile(r"(.+)\[(\d+)s\]")


@dataclass
class Counters:
    """What one process of a variant has counted, in the words of our model servers."""

    name: str
    version: str
    instance: str = "10.0.0.7:8080"
    began: float = 0.0
    codes: dict[str, float] = field(default_factory=lambda: {"200": 0.0})
    quick: float = 0.0
    slow: float = 0.0
    at_quarter: float = 0.0

    def answer(self, count: int, code: str = "200", *, slow: bool = False) -> None:
        self.codes[code] = self.codes.get(code, 0.0) + count
        if code == "200":
            self.slow += count if slow else 0
            self.quick += 0 if slow else count
            self.at_quarter += count

    def exposed(self) -> list[tuple[str, dict[str, str], float]]:
        own = {"model": self.name, "version": self.version, "variant": f"v{self.version}"}
        good = self.quick + self.slow
        rows = [("airworthy_model_start_time_seconds", own, self.began)]
        rows += [
            ("airworthy_model_requests_total", {**own, "code": code}, value)
            for code, value in self.codes.items()
        ]
        buckets = {"0.1": self.quick, "2.0": good, "+Inf": good}
        rows += [
            ("airworthy_model_request_seconds_bucket", {**own, "le": le}, value)
            for le, value in buckets.items()
        ]
        rows += [
            ("airworthy_model_prediction_bucket", {**own, "le": le}, value)
            for le, value in {"0.24": 0.0, "0.26": self.at_quarter, "+Inf": good}.items()
        ]
        return rows


class FakePrometheus(ThreadingHTTPServer):
    """Keeps samples; what it answers can be told to go wrong.

    Attributes:
        targets: What is scraped.
        ahead: Seconds that its clock is ahead.
        status: Other than 200: every answer has it.
        warnings: Said in every answer.
        token: What callers have to bear; empty lets everybody in.
        asked: The queries.
        described: Types and units by metric.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.targets: list[Counters] = []
        self.samples: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]] = {}
        self.ahead, self.status, self.token = 0.0, 200, ""
        self.warnings: list[str] = []
        self.asked: list[str] = []
        self.described: dict[str, list[dict[str, str]]] = {}
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def now(self) -> float:
        return time.time() + self.ahead

    def scrape(self, at: float | None = None) -> None:
        """Take a sample of every series; two scrapes never fall on one instant."""
        at = self.now() if at is None else at
        for target in self.targets:
            for metric, labels, value in target.exposed():
                whole = {**labels, "instance": target.instance, "job": "models"}
                self.add(metric, whole, at, value)

    def add(self, metric: str, labels: dict[str, str], at: float, value: float) -> None:
        key = (metric, tuple(sorted(labels.items())))
        self.samples.setdefault(key, []).append((round(at, 3), value))

    def drop(self, metric: str) -> None:
        self.samples = {key: kept for key, kept in self.samples.items() if key[0] != metric}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller that hung up."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def matrix(self, selector: str, seconds: float, at: float) -> list[dict[str, Any]]:
        wanted = parse(selector)
        found = []
        for (metric, labels), samples in self.samples.items():
            values = [[t, f"{v!r}"] for t, v in samples if at - seconds <= t <= at]
            if values and wanted.matches(metric, labels):
                found.append({"metric": {"__name__": metric, **dict(labels)}, "values": values})
        return found


class _Handler(BaseHTTPRequestHandler):
    server: FakePrometheus
    protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]

    def do_GET(self) -> None:
        server, address = self.server, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        server.asked.append(asked.get("query", address.path))
        if server.token and self.headers["authorization"] != f"Bearer {server.token}":
            self._say(401, {"status": "error", "error": "who are you"})
        elif server.status != 200:
            self._say(server.status, {"status": "error", "error": "as told"})
        elif address.path == "/api/v1/metadata":
            entries = {k: v for k, v in server.described.items() if k == asked["metric"]}
            self._say(200, {"status": "success", "data": entries})
        elif address.path == "/api/v1/query":
            data = self._query(asked["query"], float(asked.get("time", server.now())))
            self._say(200, {"status": "success", "data": data, "warnings": server.warnings})
        else:
            self._say(404, {"status": "error", "error": "no such route"})

    def _query(self, query: str, at: float) -> dict[str, Any]:
        if query == "time()":
            return {"resultType": "scalar", "result": [at, f"{at:.3f}"]}
        match = RANGE.fullmatch(query)
        assert match is not None, f"this fake does not know {query}"
        result = self.server.matrix(match[1], float(match[2]), at)
        return {"resultType": "matrix", "result": result}

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Phased:
    """Phases in memory: who moves an endpoint says so here."""

    name: str
    phases: dict[int, Any] = field(default_factory=dict)
    reachable: bool = True

    async def phase(self, name: str, revision: int) -> Any:
        from include.errors import BadInput, ServingUnavailable

        if not self.reachable:
            raise ServingUnavailable("away")
        if name != self.name:
            raise BadInput("no such endpoint", value=name)
        return self.phases.get(revision)
