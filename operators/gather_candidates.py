"""Runs a step on the candidates that have finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operators.run import first_xcom
from operators.run_step import RunStepOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class GatherCandidatesOperator(RunStepOperator):
    """Gives a step the results of a mapped task, as far as it has finished, as inputs.

    Args:
        fitted: The mapped task, one candidate an index.
        also: A task whose result is an input of its name, if it left one.
    """

    def __init__(self, *, fitted: str, also: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fitted = fitted
        self.also = also

    def more_inputs(self, context: Context) -> dict[str, str]:
        """Return the results of the candidates by number, and of the other task."""
        pulled = context["ti"].xcom_pull(task_ids=self.fitted)
        each = [pulled] if isinstance(pulled, str) else pulled or []
        found = {f"{self.fitted}_{place}": str(uri) for place, uri in enumerate(each) if uri}
        extra = first_xcom(context, (self.also,)) if self.also else ""
        return found | ({self.also: extra} if extra else {})
