"""A control plane on a fresh SQLite file, with callers of every role and a clock that stands."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from include import settings as installation
from include.access.principal import Principal, Role, Scope
from include.clock import ManualClock
from plugins.airworthy.api.app import create_app
from plugins.airworthy.api.identity.authenticator import bearer
from plugins.airworthy.api.identity.corroboration import Standing
from plugins.airworthy.api.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anyio.from_thread import BlockingPortal
    from fastapi import FastAPI
    from starlette.requests import Request

    from include.client.messages.base import RunRef
    from include.settings import Settings

BASE = "http://test/api/v1"
SECRET = "a-workload-secret"
SCOPE = Scope("default", "embedded")


class People:
    """Knows bearers of the form ``person:ann:viewer+approver`` or ``service:relay:service``."""

    async def principal(self, request: Request) -> Principal | None:
        parts = bearer(request).split(":")
        if len(parts) < 3:
            return None
        kind, name, roles = parts[:3]
        scope = Scope(SCOPE.tenant, parts[3]) if len(parts) > 3 else SCOPE
        return Principal(kind, name, frozenset(map(Role, roles.split("+"))), "test", scope)


class Corroborator:
    """Says of every try what it was told to say."""

    def __init__(self) -> None:
        self.answer = Standing.RUNNING

    def standing(self, run: RunRef) -> Standing:
        return self.answer


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, 8, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return installation.read({
        "AIRWORTHY_HOME": str(tmp_path),
        "AIRWORTHY_WORKLOAD_SECRET": SECRET,
    })


@pytest.fixture
def corroborator() -> Corroborator:
    return Corroborator()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("database") / "airworthy.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def app(
    settings: Settings, clock: ManualClock, corroborator: Corroborator, migrated: Path
) -> FastAPI:
    shutil.copy(migrated, settings.home / "airworthy.db")
    return create_app(settings, authenticator=People(), clock=clock, corroborator=corroborator)


class InProcess(httpx.BaseTransport):
    """Speaks to an ASGI application without a socket, from any thread."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._asgi = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._portal.call(self._exchange, request)

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


@pytest.fixture
def client_for(app: FastAPI) -> Iterator[Callable[..., httpx.Client]]:
    """Return a client with the bearer token given, or with none."""
    with start_blocking_portal() as portal:
        transport = InProcess(app, portal)

        def client(token: str = "", base_url: str = BASE) -> httpx.Client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return httpx.Client(transport=transport, base_url=base_url, headers=headers)

        yield client
    app.state.database.close()


@pytest.fixture
def anonymous(client_for: Callable[..., httpx.Client]) -> httpx.Client:
    return client_for()


@pytest.fixture
def as_person(client_for: Callable[..., httpx.Client]) -> Callable[..., httpx.Client]:
    def log_in(
        roles: str, name: str = "ann", kind: str = "person", where: str = ""
    ) -> httpx.Client:
        return client_for(f"{kind}:{name}:{roles}" + (f":{where}" if where else ""))

    return log_in


@pytest.fixture
def as_workload(
    client_for: Callable[..., httpx.Client], anonymous: httpx.Client
) -> Callable[..., httpx.Client]:
    def exchange(
        dag_id: str = "ames_train", run_id: str = "r1", task_id: str = "register"
    ) -> httpx.Client:
        run = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id}
        answer = anonymous.post(
            "/tokens", json={"run": run}, headers={"X-Airworthy-Workload-Secret": SECRET}
        )
        return client_for(answer.json()["token"])

    return exchange
