"""Requests at a fixed rate, their answers and labels, against a router that listens."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from include.replay import outcomes
from include.replay.held_back import Application, HeldBack
from include.replay.traffic import MOST_IN_FLIGHT, Pace, Replay, Target, shuffled
from include.spec.model import Availability, Column, ColumnType, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.replay.tally import ReplaySummary


class Router(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.ids: list[str] = []
        self.bodies: Counter[bytes] = Counter()
        self.labels: dict[tuple[str, int], Any] = {}
        self.at: list[float] = []
        self.status = 200
        self.outcome_statuses: list[int] = []
        self.seconds = 0.0
        self.told: list[float] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Door(BaseHTTPRequestHandler):
    server: Router
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/outcomes":
            self._outcomes(json.loads(body)["outcomes"])
            return
        self.server.at.append(time.monotonic())
        self.server.ids.append(self.headers["x-request-id"])
        self.server.bodies[body] += 1
        time.sleep(self.server.seconds)
        self._send(self.server.status, {}, version=f"1.0.{len(self.server.ids) % 2}")

    def _outcomes(self, outcomes: list[dict[str, Any]]) -> None:
        status = self.server.outcome_statuses.pop(0) if self.server.outcome_statuses else 202
        if self.headers["authorization"] != "Bearer t":
            status = 403
        self.server.told.append(time.monotonic())
        if status == 202:
            told = {(one["request_id"], one["row"]): one["label"] for one in outcomes}
            self.server.labels |= told
        self._send(status, {"accepted": len(outcomes), "unknown": 0, "duplicates": 0, "unfit": 0})

    def _send(self, status: int, body: dict[str, Any], version: str = "") -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.send_header("x-airworthy-version", version)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Iterator[Router]:
    monkeypatch.setattr(outcomes, "EVERY_SECONDS", 0.05)
    server = Router()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def held(number: int = 5) -> HeldBack:
    rows = tuple(Application(str(n), (n,), n % 2) for n in range(number))
    column = Column(
        name="n", type=ColumnType.INTEGER, role=Role.FEATURE, available_at=Availability.APPLICATION
    )
    return HeldBack(rows, (column,), "Boston, 1990", "that never arrived", 1, 2, 100)


def replay(router: Router, token: str = "t", **pace: Any) -> ReplaySummary:
    told = {"rate": 100, "requests": 20, "label_delay": 0.0, **pace}
    return asyncio.run(Replay(held(), Target(router.url, "loans", token), Pace(**told)).run())


def test_every_request_has_an_id_of_its_own_and_its_label_follows(router: Router) -> None:
    told = replay(router)
    assert (told.sent, told.answered, told.failed) == (20, 20, 0)
    assert len(set(router.ids)) == 20
    assert set(router.labels) == {(one, 0) for one in router.ids}
    assert set(told.by_version) == {"1.0.0", "1.0.1"}
    assert sum(told.by_version.values()) == 20
    assert (told.labels.due, told.labels.accepted, told.labels.lost) == (20, 20, 0)
    assert set(router.bodies.values()) == {4}
    assert told.is_clean
    assert told.claim.startswith(
        "5 distinct applications that never arrived, each sent about 4 times, of Boston, 1990"
    )
    assert "says nothing about others" in told.claim


def test_a_request_of_several_rows_gets_a_label_each(router: Router) -> None:
    told = replay(router, requests=5, rows=3)
    assert (told.sent, told.rows, told.labels.accepted) == (5, 15, 15)
    sent = [json.loads(body)["inputs"][0] for body in router.bodies.elements()]
    assert {one["shape"][0] for one in sent} == {3}
    assert sorted(n for one in sent for n in one["data"]) == sorted([*range(5)] * 3)
    assert sorted(router.labels.values()) == sorted(n % 2 for one in sent for n in one["data"])
    assert "each sent about 3 times" in told.claim


def test_labels_wait_for_their_delay(router: Router) -> None:
    replay(router, requests=3, label_delay=0.5)
    assert router.told[0] - router.at[0] >= 0.5


def test_a_slow_endpoint_does_not_slow_the_rate(router: Router) -> None:
    router.seconds = 0.3
    replay(router, rate=50, requests=15)
    assert router.at[-1] - router.at[0] == pytest.approx(14 / 50, abs=0.15)


def test_time_ends_it_too(router: Router) -> None:
    told = replay(router, rate=50, requests=0, seconds=0.4)
    assert told.sent == pytest.approx(20, abs=4)


def test_answers_that_are_none_are_failures_without_labels(router: Router) -> None:
    router.status = 503
    told = replay(router, requests=5)
    assert (told.failed, told.failures, told.labels.due) == (5, {"status 503": 5}, 0)
    assert not told.is_clean


def test_nobody_there_is_a_failure_each(router: Router) -> None:
    target = Target("http://127.0.0.1:1", "loans", "t")
    told = asyncio.run(Replay(held(), target, Pace(rate=200, requests=4)).run())
    assert told.failures == {"ConnectError": 4}
    assert told.median_ms is None


def test_what_is_in_flight_is_bounded(router: Router) -> None:
    router.seconds = 1.0
    told = replay(router, rate=1000, requests=MOST_IN_FLIGHT + 20)
    assert told.failures["too many unanswered"] == pytest.approx(20, abs=2)


def test_labels_that_fail_are_sent_again(router: Router) -> None:
    router.outcome_statuses = [503, 503]
    told = replay(router, requests=3)
    assert (told.labels.accepted, told.labels.lost) == (3, 0)


def test_labels_that_are_refused_are_lost_and_it_says_why(router: Router) -> None:
    told = replay(router, token="wrong", requests=3)
    assert (told.answered, told.labels.lost) == (3, 3)
    assert told.labels.problem.startswith("403")
    assert not told.is_clean


def test_without_a_token_no_label_is_sent(router: Router) -> None:
    told = replay(router, token="", requests=3)
    assert (told.labels.due, router.told) == (0, [])


def test_it_can_be_stopped_from_another_thread(router: Router) -> None:
    one = Replay(held(), Target(router.url, "loans", "t"), Pace(rate=5, seconds=60))
    threading.Timer(0.5, one.stop).start()
    began = time.monotonic()
    told = asyncio.run(one.run())
    assert time.monotonic() - began < 5
    assert 1 <= told.sent <= 5


def test_each_round_sends_each_once_in_an_order_that_the_seed_decides() -> None:
    rows = held(6).applications
    first = list(islice(shuffled(rows, 1), 18))
    assert first == list(islice(shuffled(rows, 1), 18))
    assert first != list(islice(shuffled(rows, 2), 18))
    for start in (0, 6, 12):
        assert set(first[start : start + 6]) == set(rows)
    assert first[:6] != first[6:12]
