"""The client against a control plane that fails in the ways a real one does."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from include.client.asynchronous import AsyncControlPlane
from include.client.control_plane import ControlPlane
from include.client.messages.base import Problem, RunRef
from include.client.messages.decisions import AnswerDecision, Decision, DecisionState, OpenDecision
from include.client.problems import TYPE_PREFIX
from include.client.retries import Retries
from include.client.workload import WorkloadTokens
from include.clock import ManualClock
from include.errors import (
    BadInput,
    Conflict,
    ControlPlaneUnavailable,
    DecisionClosed,
    FencedOut,
    Forbidden,
    NotFound,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RUN = RunRef(dag_id="m_release", run_id="manual__2026-11-24T00:00:00+00:00", task_id="ask")
QUICK = Retries(attempts=4, first_seconds=0.001, cap_seconds=0.002)
QUESTION = OpenDecision(
    kind="first_release",
    title="Release it?",
    body="",
    subject="m 1.0.0",
    subject_digest="sha256:1",
    options=("release", "refuse"),
    default="refuse",
    roles=("approver",),
    deadline_seconds=60,
    run=RUN,
)


@dataclass
class FakeServer:
    """Keeps decisions by idempotency key; refuses or drops requests when told to."""

    clock: ManualClock
    mishaps: list[int | type[Exception]] = field(default_factory=list)
    answered_then_lost: int = 0
    requests: list[httpx.Request] = field(default_factory=list)
    kept: dict[str, Decision] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.mishaps:
            mishap = self.mishaps.pop(0)
            if isinstance(mishap, int):
                return httpx.Response(mishap, text="proxy")
            raise mishap("gone", request=request)
        if request.url.path.endswith("/tokens"):
            return self._issue(request)
        if self.tokens and request.headers["authorization"].split()[1] not in self.tokens:
            return problem(401, "forbidden", "unknown token")
        return self._open(request) if request.method == "POST" else self._read(request)

    def _issue(self, request: httpx.Request) -> httpx.Response:
        if request.headers["x-airworthy-workload-secret"] != "s3cret":
            return problem(401, "forbidden", "wrong secret")
        token = f"t{len(self.tokens)}"
        expires = self.tokens[token] = self.clock.now() + timedelta(minutes=10)
        body = {"token": token, "expires_at": expires.isoformat(), "authn": "claimed"}
        return httpx.Response(201, json=body)

    def _open(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["idempotency-key"]
        if key not in self.kept:
            self.kept[key] = decision(f"d{len(self.kept)}", json.loads(request.content))
        if self.answered_then_lost:
            self.answered_then_lost -= 1
            raise httpx.ReadTimeout("answer lost", request=request)
        return httpx.Response(201, text=self.kept[key].model_dump_json())

    def _read(self, request: httpx.Request) -> httpx.Response:
        found = [d for d in self.kept.values() if request.url.path.endswith(f"/{d.id}")]
        if not found:
            return problem(404, "bad-input", "no such decision")
        return httpx.Response(200, text=found[0].model_dump_json())


def decision(ident: str, body: dict[str, object]) -> Decision:
    body.pop("deadline_seconds")
    more = {
        "id": ident,
        "state": DecisionState.OPEN,
        "opened_at": NOW,
        "opened_by": "workload",
        "deadline": NOW,
    }
    return Decision.model_validate({**body, **more})


def problem(status: int, name: str, detail: str) -> httpx.Response:
    body = Problem(
        type=TYPE_PREFIX + name, title=name, status=status, detail=detail, remedy="Ask the lead"
    )
    return httpx.Response(
        status,
        text=body.model_dump_json(),
        headers={"content-type": "application/problem+json"},
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def server(clock: ManualClock) -> FakeServer:
    return FakeServer(clock)


def client(server: FakeServer, source=lambda: "t") -> ControlPlane:
    return ControlPlane(
        "http://plane/airworthy",
        source,
        clock=server.clock,
        retries=QUICK,
        transport=httpx.MockTransport(server),
    )


def answering(response: httpx.Response) -> ControlPlane:
    return ControlPlane(
        "http://plane/airworthy",
        lambda: "t",
        retries=QUICK,
        transport=httpx.MockTransport(lambda _: response),
    )


def test_a_lost_answer_is_asked_for_again_with_the_same_key(server: FakeServer) -> None:
    server.answered_then_lost = 1
    with client(server) as plane:
        opened = plane.open_decision(QUESTION)
    assert [opened.id, len(server.kept)] == ["d0", 1]
    assert len({r.headers["idempotency-key"] for r in server.requests}) == 1


def test_two_calls_have_two_keys_and_a_given_key_is_kept(server: FakeServer) -> None:
    with client(server) as plane:
        first, second = plane.open_decision(QUESTION), plane.open_decision(QUESTION)
        third = plane.open_decision(QUESTION, idempotency_key="mine")
        assert plane.open_decision(QUESTION, idempotency_key="mine") == third
    assert len({first.id, second.id, third.id}) == 3


@pytest.mark.parametrize("mishap", [500, 502, 503, 429, httpx.ConnectError, httpx.ReadTimeout])
def test_three_mishaps_are_survived_and_a_fourth_is_not(
    server: FakeServer, mishap: int | type[Exception]
) -> None:
    server.mishaps = [mishap] * 3
    with client(server) as plane:
        assert plane.open_decision(QUESTION).id == "d0"
        server.mishaps = [mishap] * 9
        with pytest.raises(ControlPlaneUnavailable, match="POST http://plane/airworthy/api/v1"):
            plane.open_decision(QUESTION)
    assert len(server.mishaps) == 5


def test_retries_end_when_the_time_is_up(server: FakeServer) -> None:
    server.mishaps = [httpx.ConnectError] * 9
    ticking = Retries(attempts=9, first_seconds=0.001, budget_seconds=0)
    plane = ControlPlane(
        "http://plane", lambda: "t", retries=ticking, transport=httpx.MockTransport(server)
    )
    with plane, pytest.raises(ControlPlaneUnavailable, match="after 1 tries"):
        plane.whoami()


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (401, "forbidden", Forbidden),
        (403, "forbidden", Forbidden),
        (404, "not-found", NotFound),
        (404, "http", NotFound),
        (409, "conflict", Conflict),
        (409, "fenced-out", FencedOut),
        (409, "decision-closed", DecisionClosed),
        (409, "something-newer", Conflict),
        (413, "bad-input", BadInput),
        (422, "bad-input", BadInput),
    ],
)
def test_problem_types_become_errors_with_their_remedy(
    status: int, name: str, error: type[Exception]
) -> None:
    with answering(problem(status, name, "it is so")) as plane, pytest.raises(error) as caught:
        plane.decision("d1")
    assert type(caught.value) is error
    assert "it is so. Ask the lead" in str(caught.value)


def test_a_page_instead_of_a_message_is_not_an_answer() -> None:
    page = httpx.Response(200, text="<html>Airflow</html>")
    with answering(page) as plane, pytest.raises(ControlPlaneUnavailable, match="not a Decision"):
        plane.decision("d1")


def test_a_redirect_to_a_login_is_not_followed() -> None:
    moved = httpx.Response(307, headers={"location": "http://elsewhere/login"})
    with answering(moved) as plane, pytest.raises(ControlPlaneUnavailable, match="307"):
        plane.whoami()


def test_ids_travel_quoted_and_empty_filters_do_not(server: FakeServer) -> None:
    with client(server) as plane:
        with pytest.raises(BadInput):
            plane.run("m_train", "manual__2026-11-24T00:00:00+00:00/../x")
        with pytest.raises(BadInput):
            plane.runs(model="m")
    first, second = server.requests
    assert first.url.raw_path.endswith(
        b"/runs/m_train/manual__2026-11-24T00%3A00%3A00%2B00%3A00%2F..%2Fx"
    )
    assert second.url.query == b"model=m"


def workload(server: FakeServer, secret: str = "s3cret") -> WorkloadTokens:
    transport = httpx.MockTransport(server)
    return WorkloadTokens(
        "http://plane/airworthy", secret, RUN, clock=server.clock, transport=transport
    )


def test_a_token_is_kept_until_a_minute_before_its_end(
    server: FakeServer, clock: ManualClock
) -> None:
    source = workload(server)
    assert [source(), source()] == ["t0", "t0"]
    clock.advance(539)
    assert source() == "t0"
    clock.advance(1)
    assert source() == "t1"


def test_a_refused_token_is_exchanged_once_more(server: FakeServer) -> None:
    source = workload(server)
    with client(server, source) as plane:
        source()
        server.tokens = {"other": NOW}
        assert plane.open_decision(QUESTION).id == "d0"


def test_a_wrong_secret_is_forbidden(server: FakeServer) -> None:
    with client(server, workload(server, "guess")) as plane, pytest.raises(Forbidden):
        plane.whoami()


def test_the_bearer_token_is_sent_and_nothing_secret_is_in_the_error(server: FakeServer) -> None:
    server.mishaps = [httpx.ConnectError] * 9
    with client(server, lambda: "hush") as plane, pytest.raises(ControlPlaneUnavailable) as caught:
        plane.open_decision(QUESTION)
    assert server.requests[0].headers["authorization"] == "Bearer hush"
    assert "hush" not in str(caught.value)


def test_answers_need_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        AnswerDecision(answer="release", reason="", subject_digest="sha256:1")


async def _ask(server: FakeServer, ident: str) -> Decision:
    plane = AsyncControlPlane(
        "http://plane/airworthy",
        workload(server),
        clock=server.clock,
        retries=QUICK,
        transport=httpx.MockTransport(server),
    )
    try:
        return await plane.decision(ident)
    finally:
        await plane.close()


def test_triggers_ask_without_blocking_and_survive_mishaps(server: FakeServer) -> None:
    with client(server) as plane:
        opened = plane.open_decision(QUESTION)
    server.mishaps = [httpx.ConnectError, 503]
    assert asyncio.run(_ask(server, opened.id)) == opened
    with pytest.raises(BadInput):
        asyncio.run(_ask(server, "unknown"))
