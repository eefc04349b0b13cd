"""What the other tasks of a run left behind, for the task that settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.runs.ending import FinishedTasks
from operators.run import task_states
from operators.task import FAILURE

if TYPE_CHECKING:
    from airflow.sdk import Context


def finished(context: Context) -> FinishedTasks:
    """Return the states of the other tasks, and the last error line of those that failed."""
    states = task_states(context)
    failed = (task_id for task_id, state in states.items() if state == "failed")
    pulled = {t: context["ti"].xcom_pull(task_ids=t, key=FAILURE) for t in failed}
    return FinishedTasks(states, {t: str(line) for t, line in pulled.items() if line})
