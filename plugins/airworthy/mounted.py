"""The control plane as Airflow mounts it: Airflow's log-in, and the console's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import settings
from include.access.principal import Scope
from include.clock import SystemClock
from plugins.airworthy import bundle
from plugins.airworthy.api.airflow_login import AirflowLogin
from plugins.airworthy.api.app import create_app

if TYPE_CHECKING:
    from fastapi import FastAPI


def application() -> FastAPI:
    """Return the application of this installation."""
    mine = settings.read()
    scope = Scope(mine.tenant, mine.environment)
    people = AirflowLogin(scope, mine.airflow_user)
    app = create_app(mine, authenticator=people, clock=SystemClock())
    bundle.serve(app)
    return app
