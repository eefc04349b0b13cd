"""Builds the control plane; the same application is mounted in Airflow or stands alone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from include.access.principal import Scope
from include.errors import Forbidden
from plugins.airworthy.api import denials, problems
from plugins.airworthy.api.actions.tokens import Exchange
from plugins.airworthy.api.gate.doorkeeper import Doorkeeper
from plugins.airworthy.api.gate.intake import Intake
from plugins.airworthy.api.gate.journal import Journal
from plugins.airworthy.api.identity import signing_key
from plugins.airworthy.api.identity.authenticator import WORKLOAD_PREFIX, Chain
from plugins.airworthy.api.identity.corroboration import Account, AirflowRuns, Nobody
from plugins.airworthy.api.identity.workload_token import WorkloadTokens
from plugins.airworthy.api.routes import (
    alerts,
    callers,
    decisions,
    endpoints,
    events,
    rollouts,
    runs,
    versions,
)
from plugins.airworthy.api.storage.work import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from include.clock import Clock
    from include.settings import Settings
    from plugins.airworthy.api.identity.authenticator import Authenticator
    from plugins.airworthy.api.identity.corroboration import RunCorroborator

PREFIX = "/api/v1"
ROUTERS = (
    callers.router,
    versions.router,
    endpoints.router,
    rollouts.router,
    decisions.router,
    alerts.router,
    runs.router,
    events.router,
)


def create_app(
    settings: Settings,
    *,
    authenticator: Authenticator,
    clock: Clock,
    corroborator: RunCorroborator | None = None,
) -> FastAPI:
    """Return the application; no file and no connection is opened before the first request.

    Args:
        settings: The installation.
        authenticator: Knows people and services; workload tokens are known here.
        clock: Dates everything.
        corroborator: Knows which tries are running; asks Airflow where it is left out and the
            machine account's password is known.
    """
    scope = Scope(settings.tenant, settings.environment)
    tokens = WorkloadTokens(lambda: signing_key.load(settings), scope, clock)
    app = FastAPI(
        title="Airworthy control plane",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.database = Database(settings.database_url, clock)
    app.state.corroborator = corroborator or _corroborator(settings, clock)
    app.state.exchange = Exchange(settings.workload_secret, tokens, app.state.corroborator)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    problems.install(app)
    app.add_exception_handler(Forbidden, denials.answer)
    app.add_middleware(Intake)
    app.add_middleware(
        Doorkeeper, authenticator=Chain({WORKLOAD_PREFIX: tokens}, otherwise=authenticator)
    )
    app.add_middleware(Journal)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.database.close()


def _corroborator(settings: Settings, clock: Clock) -> RunCorroborator:
    if not settings.airflow_password:
        return Nobody()
    account = Account(settings.airflow_user, settings.airflow_password)
    return AirflowRuns(settings.airflow_url, account, clock)
