"""A run of a training DAG in a live Airflow, seen through Airflow's own API."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.embedded import credentials
from include.embedded.door import AirflowDoor
from include.embedded.ports import read
from tests.support.live_release import triggered, within

if TYPE_CHECKING:
    from tests.support.installation import Installation


@dataclass
class LiveTraining:
    """One run of a training DAG."""

    suite: Installation
    dag_id: str
    run_id: str = ""

    def __post_init__(self) -> None:
        password = credentials.passwords(self.suite.home)["admin"]
        self.airflow = AirflowDoor(read(self.suite.environ).airflow_url, "admin", password)

    def close(self) -> None:
        self.airflow.close()

    def trigger(self, **conf: Any) -> None:
        """Start the run as a person does in Airflow's form, once its DAG is known."""

        def begins() -> bool:
            self.run_id = triggered(self.airflow, self.dag_id, conf)
            return bool(self.run_id)

        within(90, begins, f"a run of {self.dag_id}")

    @property
    def path(self) -> str:
        return f"/dags/{self.dag_id}/dagRuns/{self.run_id}"

    def instances(self) -> list[dict[str, Any]]:
        """Return every task instance of the run, mapped ones each for itself."""
        found: Any = self.airflow.get(f"{self.path}/taskInstances", limit=100)["task_instances"]
        return list(found)

    def states(self, task: str) -> list[str]:
        return [str(one["state"]) for one in self.instances() if one["task_id"] == task]

    def end(self, seconds: float) -> str:
        """Wait until the run has ended; return how."""
        ended = {"success", "failed"}
        within(seconds, lambda: self.airflow.get(self.path)["state"] in ended, "the run ended")
        return str(self.airflow.get(self.path)["state"])

    def log(self, task: str, map_index: int = -1, number: int = 1) -> str:
        """Return what a person reads as a try's log in Airflow."""
        path = f"{self.path}/taskInstances/{task}/logs/{number}"
        content: Any = self.airflow.get(path, map_index=map_index)["content"]
        return "\n".join(str(line) for line in content)

    def until_deferred(self, task: str, number: int) -> float:
        """Wait until so many instances of a task are handed to the triggerer; return when."""

        def handed_over() -> bool:
            return self.states(task).count("deferred") >= number

        within(300, handed_over, f"{number} of {task} deferred", every=0.5)
        return time.time()
