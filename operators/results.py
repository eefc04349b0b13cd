"""The results of steps, as operators read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import BadInput
from include.steps import call
from include.store.open import open_store
from operators.run import first_xcom

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.contract import StepResult


def result_of(context: Context, task_id: str) -> StepResult:
    """Return the result that a task left.

    Raises:
        BadInput: the task left none.
        StoreUnavailable: the store did not answer, or the result is gone.
    """
    uri = first_xcom(context, (task_id,))
    if not uri:
        raise BadInput(
            "an earlier task left no result",
            where=f"task {task_id}",
            remedy="Clear that task, not only this one",
        )
    return call.read_result(open_store(), uri)


def artifact(result: StepResult, name: str) -> bytes:
    """Return the bytes of an artifact.

    Raises:
        BadInput: the step wrote no such artifact.
        StoreUnavailable: the store did not answer, or the artifact is gone.
    """
    try:
        uri = result.artifact(name).uri
    except KeyError as error:
        raise BadInput(str(error.args[0]), where=f"step {result.step}") from error
    return open_store().read(uri)
