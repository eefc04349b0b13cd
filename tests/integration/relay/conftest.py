"""An Airflow API server with behaviour: log-ins, assets, events, and mishaps on demand."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class FakeAirflow:
    """What Airflow would remember, and what it shall do wrong next."""

    password: str = "s3cret"
    assets: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    log_ins: int = 0
    mishaps: list[int] = field(default_factory=list)
    accept_then_drop: int = 0
    url: str = ""

    def add_asset(self, name: str, uri: str, *, consumers: tuple[str, ...] = ("m_release",)) -> int:
        waiting = [{"dag_id": dag_id} for dag_id in consumers]
        number = len(self.assets) + 1
        self.assets.append({"id": number, "name": name, "uri": uri, "scheduled_dags": waiting})
        return number

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes):
        """Return a status and a document; None drops the connection."""
        url = urlsplit(target)
        if url.path == "/auth/token":
            return self._log_in(json.loads(body))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {"detail": "Invalid JWT token"}
        if self.mishaps:
            return self.mishaps.pop(0), {"detail": "mishap"}
        if method == "GET" and url.path == "/api/v2/assets":
            return 200, self._assets(parse_qs(url.query))
        if method == "GET" and url.path.startswith("/api/v2/dags/"):
            return 200, {"is_paused": url.path.rpartition("/")[2] in self.paused}
        if method == "POST" and url.path == "/api/v2/assets/events":
            return self._event(json.loads(body))
        return 404, {"detail": "Not Found"}

    def _log_in(self, claim: dict[str, str]):
        self.log_ins += 1
        if claim != {"username": "airworthy", "password": self.password}:
            return 401, {"detail": "Invalid credentials"}
        token = f"token-{self.log_ins}"
        self.tokens.add(token)
        return 201, {"access_token": token}

    def _assets(self, query: dict[str, list[str]]):
        # Nothing is active before the scheduler's next sweep.
        if query["only_active"] != ["false"]:
            return {"assets": [], "total_entries": 0}
        pattern = query["name_pattern"][0]
        # As in SQL: `_` stands for any character, so near misses come along.
        found = [a for a in self.assets if len(str(a["name"])) == len(pattern)]
        return {"assets": found, "total_entries": len(found)}

    def _event(self, body: dict[str, object]):
        if body["asset_id"] not in {asset["id"] for asset in self.assets}:
            return 404, {"detail": "no such asset"}
        self.events.append(body)
        if self.accept_then_drop:
            self.accept_then_drop -= 1
            return None
        return 200, {"id": len(self.events), **body}


def _handler(airflow: FakeAirflow) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answered = airflow.answer(self.command, self.path, headers, body)
            if answered is None:
                self.close_connection = True
                return
            status, document = answered
            text = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _serve  # noqa: N815 - names of the base class

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def airflow() -> Iterator[FakeAirflow]:
    fake = FakeAirflow()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()
