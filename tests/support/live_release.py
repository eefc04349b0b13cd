"""Releases in a live Airflow, seen from outside, and SIGKILL for what carries them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import psutil

from include.client.control_plane import ControlPlane
from include.embedded import credentials
from include.embedded.door import AirflowDoor
from include.embedded.ports import read
from include.embedded.supervision import Supervisor
from include.errors import InfrastructureError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from include.client.messages.rollouts import Rollout
    from tests.support.installation import Installation

Victim = Literal["child", "supervisor", "triggerer"]
TITLE = "airflow worker -- "
LOCAL_EXECUTOR = f"{TITLE}LocalExecutor"
# Longest time until a task comes by, until a kill is noticed, and until a release has ended.
COME_BY, NOTICED, ENDED = 240.0, 120.0, 480.0
RESUMED = {"up_for_retry", "queued", "scheduled", "restarting", "up_for_reschedule"}


@dataclass(frozen=True)
class Kill:
    """What was killed, during which task, and when (seconds since the epoch)."""

    victim: Victim
    task: str
    at: float


@dataclass
class LiveRelease:
    """One run of a release DAG."""

    suite: Installation
    dag_id: str
    chance: random.Random
    run_id: str = ""
    missed: int = 0
    kills: list[Kill] = field(default_factory=list)

    def __post_init__(self) -> None:
        url = read(self.suite.environ).airflow_url
        password = credentials.passwords(self.suite.home)["admin"]
        self.airflow = AirflowDoor(url, "admin", password)
        self.plane = ControlPlane(f"{url}/airworthy", self.airflow.token)

    def close(self) -> None:
        self.plane.close()
        self.airflow.close()

    def register(self, draft: int) -> None:
        """Register a packaged version and wait for the release that this starts."""
        known = {run["dag_run_id"] for run in self.runs()}
        asked = {"draft": draft}
        within(30, lambda: triggered(self.airflow, "registering", asked) != "", "a registration")
        self.begins(known, f"a release of draft {draft}")

    def begins(self, known: set[str], what: str) -> None:
        """Wait for a run that is not known yet, and take it for this release's."""
        began: list[str] = []

        def starts() -> bool:
            began.extend(r["dag_run_id"] for r in self.runs() if r["dag_run_id"] not in known)
            return bool(began)

        within(COME_BY, starts, what)
        self.run_id, self.kills, self.missed = began[0], [], 0

    def runs(self) -> list[dict[str, Any]]:
        found: Any = self.airflow.get(f"/dags/{self.dag_id}/dagRuns", limit=100)["dag_runs"]
        return list(found)

    def instances(self) -> dict[str, dict[str, Any]]:
        """Return the task instances of the run by task."""
        path = f"/dags/{self.dag_id}/dagRuns/{self.run_id}/taskInstances"
        found: Any = self.airflow.get(path, limit=100)["task_instances"]
        return {one["task_id"]: one for one in found}

    def tries(self, task: str) -> list[dict[str, Any]]:
        path = f"/dags/{self.dag_id}/dagRuns/{self.run_id}/taskInstances/{task}/tries"
        found: Any = self.airflow.get(path)["task_instances"]
        return sorted(found, key=lambda one: one["try_number"])

    def has_ended(self) -> bool:
        path = f"/dags/{self.dag_id}/dagRuns/{self.run_id}"
        return self.airflow.get(path)["state"] in {"success", "failed"}

    def rollout(self) -> Rollout:
        (mine,) = (one for one in self.plane.rollouts() if one.run.run_id == self.run_id)
        return mine

    def kill(self, victim: Victim, tasks: tuple[str, ...]) -> Kill:
        """Kill what carries one of these tasks: the first that is hit while it runs."""
        left = tasks
        while left:
            hit = self._triggerer(left) if victim == "triggerer" else self._worker(victim, left)
            if hit is not None and self._was_hit(hit):
                self.kills.append(hit)
                return hit
            self.missed += 1
            left = left[left.index(hit.task) + 1 :] if hit else left[1:]
        raise AssertionError(f"no {victim} of {tasks} was hit")

    def _worker(self, victim: Victim, tasks: tuple[str, ...]) -> Kill | None:
        ids = {one["id"]: task for task, one in self.instances().items() if task in tasks}
        found: list[tuple[str, psutil.Process]] = []

        def comes_by() -> bool:
            found.extend(self._carrying(ids))
            return bool(found)

        within(COME_BY, comes_by, f"one of {tasks}", every=0.02)
        task, child = found[0]
        try:
            parent = child.parent()
            time.sleep(self.chance.uniform(0, 0.4))  # not always at the same place
            if parent is None or title(child) == "" or not title(parent).startswith(LOCAL_EXECUTOR):
                return None
            (child if victim == "child" else parent).kill()
        except psutil.NoSuchProcess:
            return None  # it ended before it was hit
        return Kill(victim, task, time.time())

    def _carrying(self, ids: dict[str, str]) -> list[tuple[str, psutil.Process]]:
        """Return the task's processes among the scheduler's descendants."""
        running = psutil.Process(self._pid("scheduler")).children(recursive=True)
        known = ((ids.get(title(one).removeprefix(TITLE)), one) for one in running)
        return [(task, process) for task, process in known if task]

    def _triggerer(self, tasks: tuple[str, ...]) -> Kill | None:
        task = tasks[0]
        within(COME_BY, lambda: self._state(task) == "deferred", f"{task} deferred", every=0.3)
        pid = self._pid("triggerer")
        time.sleep(self.chance.uniform(0, 2))
        if self._state(task) != "deferred":
            return None
        psutil.Process(pid).kill()
        at = time.time()
        return Kill("triggerer", task, at) if self._state(task) == "deferred" else None

    def _state(self, task: str) -> str:
        return str(self.instances()[task]["state"])

    def _pid(self, program: str) -> int:
        programs = Supervisor(self.suite.home).programs()
        return next(one.pid for one in programs if one.name == program)

    def _was_hit(self, hit: Kill) -> bool:
        """Wait until Airflow noticed; say whether the task was not yet done when it was killed."""
        if hit.victim == "triggerer":
            return True

        def noticed() -> bool:
            one = self.instances()[hit.task]
            return one["state"] in {*RESUMED, "success", "failed"} or one["try_number"] > 1

        within(NOTICED, noticed, f"Airflow noticed {hit}")
        one = self.instances()[hit.task]
        return one["state"] in RESUMED or one["try_number"] > 1

    def end(self) -> None:
        """Wait until the run has ended."""
        within(ENDED, self.has_ended, f"{self.run_id} ended")


def triggered(airflow: AirflowDoor, dag_id: str, conf: dict[str, Any]) -> str:
    """Trigger a run and return its id; empty where Airflow fails, as it may on SQLite."""
    body = {"logical_date": None, "conf": conf}
    try:
        return str(airflow.call("POST", f"/dags/{dag_id}/dagRuns", body)["dag_run_id"])
    except InfrastructureError as refused:
        print(refused)
        return ""


def title(process: psutil.Process) -> str:
    """Return what a process calls itself; nothing where it has ended."""
    try:
        return "".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


def within(seconds: float, holds: Callable[[], bool], what: str, every: float = 1.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)
