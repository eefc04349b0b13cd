"""A control plane in this process, and a task that speaks to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from include import settings
from include.client.control_plane import ControlPlane
from include.client.workload import WorkloadTokens
from include.clock import ManualClock
from plugins.airworthy.api.app import create_app
from plugins.airworthy.api.identity.corroboration import Nobody
from plugins.airworthy.api.migrate import upgrade
from tests.support.app_network import RUN, SECRET, URL, Network, People

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def app(tmp_path: Path, clock: ManualClock) -> Iterator[FastAPI]:
    url = f"sqlite:///{tmp_path}/airworthy.db"
    upgrade(url)
    mine = settings.read({
        "AIRWORTHY_HOME": str(tmp_path),
        "AIRWORTHY_DATABASE_URL": url,
        "AIRWORTHY_WORKLOAD_SECRET": SECRET,
    })
    built = create_app(mine, authenticator=People(), clock=clock, corroborator=Nobody())
    yield built
    built.state.database.close()


@pytest.fixture
def task(app: FastAPI, clock: ManualClock) -> Iterator[ControlPlane]:
    network = Network(app)
    tokens = WorkloadTokens(URL, SECRET, RUN, clock=clock, transport=network)
    with ControlPlane(URL, tokens, clock=clock, transport=network) as plane:
        yield plane
