"""What a task knows about the run it belongs to, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from include import settings
from include.client.messages.base import RunRef
from include.spec.partition import Beginning, PartitionedRun, partition_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from include.spec.model import Spec


def run_ref(context: Context) -> RunRef:
    """Return the try that is running, as the control plane knows it."""
    ti = context["ti"]
    map_index = -1 if ti.map_index is None else ti.map_index
    return RunRef(
        dag_id=ti.dag_id,
        run_id=ti.run_id,
        task_id=ti.task_id,
        try_number=ti.try_number,
        map_index=map_index,
    )


def run_link(run: RunRef) -> str:
    """Return the address of the run's page in Airflow."""
    base = settings.read().airflow_url
    return f"{base}/dags/{quote(run.dag_id)}/runs/{quote(run.run_id, safe='')}"


def partition(context: Context, spec: Spec) -> str:
    """Return the partition that the run is about.

    Raises:
        BadInput: see ``include.spec.partition.partition_of``.
    """
    dag_run = context["dag_run"]
    return partition_of(
        PartitionedRun(
            beginning=Beginning(getattr(dag_run.run_type, "value", dag_run.run_type)),
            partitioning=spec.data.partitioning,
            default=spec.data.default_partition,
            requested=param(context, "partition"),
            interval_start=dag_run.data_interval_start,
            run_after=dag_run.run_after,
        )
    )


def param(context: Context, name: str) -> str:
    """Return a field of the trigger form as text; empty where the form has none."""
    value = context["params"].get(name)
    return "" if value is None else str(value)


def asked_by(context: Context) -> str:
    """Return the person who triggered the run, as Airflow recorded it; empty for a machine."""
    return str(getattr(context["dag_run"], "triggering_user_name", None) or "")


def is_repeat(context: Context) -> bool:
    """Say whether the run fills the past or does again what was done before.

    A retry by the scheduler is neither; a clear raises ``max_tries`` beyond ``retries``.
    """
    dag_run, ti = context["dag_run"], context["ti"]
    run_type = getattr(dag_run.run_type, "value", dag_run.run_type)
    cleared = bool(dag_run.clear_number) or ti.max_tries > (ti.task.retries or 0)
    return run_type == Beginning.BACKFILL.value or cleared


def first_xcom(context: Context, task_ids: Sequence[str]) -> str:
    """Return the first return value that one of the tasks left; empty when none did."""
    found: Any = (context["ti"].xcom_pull(task_ids=task_id) for task_id in task_ids)
    return next((str(value) for value in found if value), "")


def task_states(context: Context) -> dict[str, str]:
    """Return the state of every other task of the run."""
    ti = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id]).get(ti.run_id, {})
    return {
        task_id: str(getattr(state, "value", state) or "none")
        for task_id, state in states.items()
        if task_id != ti.task_id
    }
