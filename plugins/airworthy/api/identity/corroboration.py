"""Whether Airflow says that a try, or a whole run, is running.

A try counts while it runs or is deferred, and for two minutes after its end: what reports a
failure runs after Airflow has noted it. A run counts while one of its tasks may still act, and as
long after its end. Answers that say yes are kept for a minute.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from include.client.messages.base import RunRef
    from include.clock import Clock

TIMEOUT_SECONDS = 2.0
KEPT = timedelta(seconds=60)
GRACE = timedelta(minutes=2)
ALIVE = frozenset({"running", "deferred", "restarting", "up_for_reschedule"})
ALIVE_RUNS = frozenset({"queued", "running"})
MOST_KEPT = 10_000


class Standing(StrEnum):
    """What is known of a claimed try."""

    RUNNING = "running"
    NOT_RUNNING = "not_running"
    UNKNOWN = "unknown"


class RunCorroborator(Protocol):
    """Knows which tries are running."""

    def standing(self, run: RunRef) -> Standing:
        """Return what is known; never raises, and answers within a few seconds."""


class Nobody:
    """Corroborates nothing; every claim stays a claim."""

    def standing(self, run: RunRef) -> Standing:  # noqa: ARG002 - the port's signature
        """Return that nothing is known."""
        return Standing.UNKNOWN


class Instance(BaseModel):
    """What is read of Airflow's answer about a task instance or a run."""

    state: str | None = None
    try_number: int | None = None
    end_date: datetime | None = None


@dataclass(frozen=True)
class Account:
    """The machine account in Airflow."""

    user: str
    password: str


class AirflowRuns:
    """Asks Airflow's API as the machine account.

    Args:
        url: Address of Airflow's API server.
        account: The machine account.
        clock: Ages what is kept.
        transport: Replaces the network in tests.
    """

    def __init__(
        self,
        url: str,
        account: Account,
        clock: Clock,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._transport = transport
        self._account = account
        self._clock = clock
        self._token = ""
        self._kept: dict[RunRef, datetime] = {}
        self._lock = threading.Lock()

    def standing(self, run: RunRef) -> Standing:
        """Return what Airflow says of the try; unknown where it does not answer."""
        now = self._clock.now()
        with self._lock:
            kept = self._kept.get(run)
        if kept is not None and now - kept < KEPT:
            return Standing.RUNNING
        try:
            found = self._asked(run, now)
        except (httpx.HTTPError, ValidationError, ValueError):
            return Standing.UNKNOWN
        if found is Standing.RUNNING:
            self._keep(run, now)
        return found

    @cached_property
    def _client(self) -> httpx.Client:
        # Made at the first question: a client loads every certificate of the machine.
        return httpx.Client(base_url=self._url, timeout=TIMEOUT_SECONDS, transport=self._transport)

    def _keep(self, run: RunRef, now: datetime) -> None:
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[run] = now

    def _asked(self, run: RunRef, now: datetime) -> Standing:
        answer = self._get(_path(run))
        if answer.status_code == 404:
            return Standing.NOT_RUNNING
        answer.raise_for_status()
        instance = Instance.model_validate_json(answer.content)
        if run.task_id and instance.try_number != run.try_number:
            return Standing.NOT_RUNNING
        alive = ALIVE if run.task_id else ALIVE_RUNS
        return Standing.RUNNING if _is_alive(instance, alive, now) else Standing.NOT_RUNNING

    def _get(self, path: str) -> httpx.Response:
        answer = self._client.get(path, headers=self._authorization())
        if answer.status_code == 401:
            self._token = ""
            answer = self._client.get(path, headers=self._authorization())
        return answer

    def _authorization(self) -> dict[str, str]:
        if not self._token:
            body = {"username": self._account.user, "password": self._account.password}
            answer = self._client.post("/auth/token", json=body).raise_for_status()
            self._token = str(answer.json()["access_token"])
        return {"Authorization": f"Bearer {self._token}"}


def _path(run: RunRef) -> str:
    dag, run_id, task = (quote(part, safe="") for part in (run.dag_id, run.run_id, run.task_id))
    path = f"/api/v2/dags/{dag}/dagRuns/{run_id}"
    if not run.task_id:
        return path
    mapped = f"/{run.map_index}" if run.map_index >= 0 else ""
    return f"{path}/taskInstances/{task}{mapped}"


def _is_alive(instance: Instance, alive: frozenset[str], now: datetime) -> bool:
    if instance.state in alive:
        return True
    return instance.end_date is not None and now - instance.end_date < GRACE
