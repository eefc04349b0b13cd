"""Waiting for a DAG run: what its tasks do, told as it happens, and never for ever."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from include.errors import AirworthyError, InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.embedded.demo.progress import Progress
    from include.embedded.door import AirflowDoor, JsonObject

PAUSE = 1.0
# A busy machine answers late now and then; what stays away longer than this is an outage.
OUTAGE_SECONDS = 30.0
_ENDED = frozenset({"success", "failed"})
# States that tell nobody anything: a task passes through them within a second.
_SILENT = frozenset({"None", "scheduled", "queued", "removed", "skipped"})


class NotInTime(AirworthyError):
    """Something that the story waits for did not happen before its deadline."""


@dataclass(frozen=True)
class Deadline:
    """What is waited for, how long, and where to read why it did not come."""

    what: str
    seconds: float
    log: str


@dataclass(frozen=True)
class RunKey:
    """A run of a DAG."""

    dag_id: str
    run_id: str

    @property
    def path(self) -> str:
        """Path below ``/api/v2``; run ids carry colons and plus signs."""
        return f"/dags/{self.dag_id}/dagRuns/{quote(self.run_id, safe='')}"


def until(
    happened: Callable[[], bool], deadline: Deadline, progress: Progress, pause: float = PAUSE
) -> None:
    """Wait until something has happened.

    Raises:
        NotInTime: The deadline passed.
        InfrastructureError: Whoever has to be asked did not answer for ``OUTAGE_SECONDS``.
    """
    began = answered = time.monotonic()
    while True:
        try:
            if happened():
                return
            answered = time.monotonic()
        except InfrastructureError:
            if time.monotonic() - answered > OUTAGE_SECONDS:
                raise
        waited = time.monotonic() - began
        if waited > deadline.seconds:
            raise NotInTime(
                f"waited {waited:.0f} s for {deadline.what}", remedy=f"Read {deadline.log}"
            )
        progress.busy(f"{deadline.what} ({waited:.0f} s)")
        time.sleep(pause)


def _nothing() -> None:
    """Do nothing beside waiting."""


class Follower:
    """Tells each change of state of a run's tasks, once."""

    def __init__(self, airflow: AirflowDoor, run: RunKey, progress: Progress) -> None:
        self._airflow, self._run, self._progress = airflow, run, progress
        self._told: dict[str, str] = {}

    def has_ended(self) -> bool:
        """Look once, tell what changed, and say whether the run is over."""
        for task in self._tasks():
            self._tell(_name(task), task)
        return self.state() in _ENDED

    def state(self) -> str:
        """Return the state of the run as Airflow calls it."""
        return str(self._airflow.get(self._run.path)["state"])

    def _tasks(self) -> list[JsonObject]:
        found = self._airflow.get(f"{self._run.path}/taskInstances", limit=200)["task_instances"]
        return sorted(cast("list[JsonObject]", found), key=lambda one: str(one["start_date"]))

    def _tell(self, name: str, task: JsonObject) -> None:
        state = str(task["state"])
        if state in _SILENT or self._told.get(name) == state:
            return
        self._told[name] = state
        took = task.get("duration")
        duration = f"{took:6.1f} s" if isinstance(took, float | int) and took else ""
        self._progress.event(f"{self._run.dag_id:<28} {name:<24} {state:<16} {duration}".rstrip())


def _name(task: JsonObject) -> str:
    mapped = task.get("map_index", -1)
    name = str(task["task_display_name"])
    return name if mapped in {-1, None} else f"{name}[{mapped}]"


def follow(
    follower: Follower, deadline: Deadline, progress: Progress, also: Callable[[], None] = _nothing
) -> str:
    """Tell a run until it is over and return its state.

    Args:
        follower: Tells what its tasks do.
        deadline: How long it may take.
        progress: Where the waiting is shown.
        also: What is done at every look.

    Raises:
        NotInTime: It was not over before the deadline.
    """

    def has_ended() -> bool:
        also()
        return follower.has_ended()

    until(has_ended, deadline, progress)
    return follower.state()
