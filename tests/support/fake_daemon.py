"""A serving daemon that remembers what it was told, and counts what a test says was answered."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from include.errors import AirworthyError
from include.evidence.tally import Evidence, Pairing, Tally
from include.serving import faults
from include.serving.documents import EndpointDocument, EvidenceDocument
from include.serving.fencing import admit
from tests.support.evidence import Arm, pairing

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBE_VALUES, PROBE_SCORES = (1, 0), (0.9, 0.2)
REQUESTS = 1000


@dataclass
class Conduct:
    """How a version behaves under traffic.

    Attributes:
        errors: Share of its requests that fail.
        health: What the daemon sees of it.
        restarts: How often it was started anew.
        crashes: Whether each look finds one more restart.
    """

    errors: float = 0.0
    health: str = "ready"
    restarts: int = 0
    crashes: bool = False


@dataclass
class Traffic:
    """Requests of a phase, split as it wants.

    Attributes:
        requests: How many.
        seconds: How long it was watched.
        strays: Requests of the candidate that by the weights are the stable version's.
    """

    requests: int = REQUESTS
    seconds: float = 60.0
    strays: int = 0


@dataclass
class World:
    """What a test says of the world behind the daemon."""

    scores: tuple[float, ...] = PROBE_SCORES
    conduct: dict[str, Conduct] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)
    is_down: bool = False

    def of(self, version: str) -> Conduct:
        return self.conduct.setdefault(version, Conduct())


class Daemon(ThreadingHTTPServer):
    """Admits wanted states as the real one does, obeys at once, and counts the world's traffic."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Admin)
        self.endpoints: dict[str, EndpointDocument] = {}
        self.world = World()
        self.puts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def wanted(self, name: str) -> EndpointDocument:
        if name not in self.endpoints:
            raise faults.UnknownEndpoint("no such endpoint", value=name)
        return self.endpoints[name]

    def weights(self, name: str) -> dict[str, int]:
        return {v.version: v.weight for v in self.wanted(name).variants}

    def mirrors(self, name: str) -> dict[str, int]:
        return {v.version: v.mirror for v in self.wanted(name).variants if v.mirror}

    def apply(self, document: EndpointDocument) -> dict[str, Any]:
        known = self.endpoints.get(document.name)
        self.puts += 1
        if admit(known.value() if known else None, document.value()):
            self.endpoints[document.name] = document
        return self.observation(document.name)

    def meddle(self, name: str, **weights: int) -> None:
        """Change an endpoint as somebody else: under our token, by a revision of their own."""
        now = self.wanted(name)
        variants = tuple(
            v.model_copy(update={"weight": weights.get(v.name, v.weight), "mirror": 0})
            for v in now.variants
        )
        change = {"revision": now.revision + 7, "variants": variants}
        self.endpoints[name] = now.model_copy(update=change)

    def observation(self, name: str) -> dict[str, Any]:
        wanted, states = self.wanted(name), []
        for variant in wanted.variants:
            conduct = self.world.of(variant.version)
            conduct.restarts += conduct.crashes
            is_ready = conduct.health == "ready"
            states.append({
                "name": variant.name, "version": variant.version,
                "weight": variant.weight if is_ready else 0, "health": conduct.health, "url": "",
                "restarts": conduct.restarts, "message": "",
            })  # fmt: skip
        return {
            "name": name, "revision": wanted.revision, "fencing_token": wanted.fencing_token,
            "url": self.url, "variants": states,
        }  # fmt: skip

    def evidence(self, name: str, revision: int) -> dict[str, Any]:
        wanted, traffic = self.wanted(name), self.world.traffic
        if revision != wanted.revision or not traffic.requests:
            return json_of(Evidence(name, revision, traffic.seconds))
        tallies = tuple(
            self._arm(v.version, traffic.requests * v.weight // 100).tally(v.version)
            for v in wanted.variants
            if v.weight
        )
        if traffic.strays:
            tallies = tuple(_astray(t, traffic.strays, i) for i, t in enumerate(tallies))
        pairings = tuple(
            self._mirrored(v.version, traffic.requests * v.mirror // 100)
            for v in wanted.variants
            if v.mirror
        )
        return json_of(Evidence(name, revision, traffic.seconds, tallies, pairings))

    def _mirrored(self, version: str, pairs: int) -> Pairing:
        return replace(pairing(pairs, self._errors(version, pairs)), version=version)

    def _arm(self, version: str, requests: int) -> Arm:
        return Arm(requests=requests, errors=self._errors(version, requests))

    def _errors(self, version: str, requests: int) -> int:
        return int(requests * self.world.of(version).errors)

    def answer(self) -> dict[str, Any]:
        return {
            "outputs": [
                {"name": "predictions", "data": list(PROBE_VALUES)},
                {"name": "probabilities", "data": list(self.world.scores)},
            ]
        }


def json_of(evidence: Evidence) -> dict[str, Any]:
    told: dict[str, Any] = EvidenceDocument.of(evidence).model_dump(mode="json")
    return told


def _astray(tally: Tally, strays: int, place: int) -> Tally:
    return replace(tally, requests=tally.requests + (strays if place else -strays))


class _Admin(BaseHTTPRequestHandler):
    server: Daemon

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self._answer(lambda: self.server.apply(EndpointDocument.model_validate_json(body)))

    def do_GET(self) -> None:
        if self.path == "/endpoints":
            self._answer(lambda: {"endpoints": sorted(self.server.endpoints)})
            return
        _, _, name, *rest = self.path.split("/")
        if rest:
            self._answer(lambda: self.server.evidence(name, int(rest[1])))
        else:
            self._answer(lambda: self.server.observation(name))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(self.server.answer)

    def _answer(self, make: Any) -> None:
        if self.server.world.is_down:
            self._send(503, {})
            return
        try:
            self._send(200, make())
        except AirworthyError as error:
            told = json.loads(faults.problem_of(error, instance=self.path))
            self._send(faults.status_of(error), told)

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        kind = "application/json" if status == 200 else "application/problem+json"
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Daemon]:
    """Run a daemon."""
    server = Daemon()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
