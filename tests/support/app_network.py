"""The control plane's client, and the application that it speaks to in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from include.access.principal import Principal, Role, Scope
from include.client.control_plane import ControlPlane
from include.client.messages.base import RunRef
from include.client.messages.decisions import AnswerDecision, OpenDecision
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion
from include.client.retries import Retries
from include.verdict import Verdict
from plugins.airworthy.api.identity.authenticator import bearer

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

SCOPE = Scope("default", "embedded")
URL = "http://plane"
SECRET = "workload-secret-for-tests-0123456789"
PACKAGE = "sha256:" + "a" * 64
RUN = RunRef(dag_id="m_release", run_id="manual__2026-11-24T00:00:00+00:00", task_id="t")
ROLES = {
    "viewer": frozenset({Role.VIEWER}),
    "approver": frozenset({Role.VIEWER, Role.APPROVER}),
    "admin": frozenset({Role.VIEWER, Role.ADMIN}),
}
QUESTION = OpenDecision(
    kind="first_release",
    title="Release it?",
    body="",
    subject="m_model 1.0.0",
    subject_digest=PACKAGE,
    options=("release", "refuse"),
    default="refuse",
    roles=("approver",),
    deadline_seconds=60,
    run=RUN,
)
ANSWER = AnswerDecision(answer="release", reason="It is good", subject_digest=PACKAGE)


class People:
    """Knows people whose token is their name."""

    async def principal(self, request: Request) -> Principal | None:
        name = bearer(request)
        if name not in ROLES:
            return None
        return Principal("person", name, ROLES[name], "test", SCOPE)


@dataclass
class Network(httpx.BaseTransport):
    """Carries the blocking client's requests to an application in this process."""

    app: FastAPI

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._carried(request))

    async def _carried(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await transport.handle_async_request(sent)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


def person(app: FastAPI, name: str) -> ControlPlane:
    once = Retries(attempts=1)
    return ControlPlane(URL, lambda: name, retries=once, transport=Network(app))


def registration(digest: str = PACKAGE) -> RegisterVersion:
    return RegisterVersion(
        model="m_model",
        package_uri="file:///packages/a",
        package_digest=digest,
        model_digest="sha256:" + "b" * 64,
        signature='{"inputs":[{"name":"x","type":"double"}],"outputs":[]}',
        dataset_digest="sha256:" + "c" * 64,
        spec_digest="sha256:" + "d" * 64,
        spec_uri="file:///specs/d",
        metrics=(MetricValue(name="auc", value=0.8, lower=0.7, upper=0.9, samples=100),),
        gates=(GateOutcome(name="floor", verdict=Verdict.PASS, message="fine"),),
        run=RUN,
        release_policy="auto",
    )
