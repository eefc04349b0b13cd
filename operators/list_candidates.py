"""Lists the candidates of a plan, for the tasks that are mapped over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from pydantic import BaseModel

from operators.results import artifact, result_of

if TYPE_CHECKING:
    from airflow.sdk import Context


class Planned(BaseModel):
    """What is needed of a planned candidate; its whole record needs libraries of the steps."""

    algorithm: str


class Plan(BaseModel):
    """What is needed of a plan."""

    candidates: tuple[Planned, ...]


class ListCandidatesOperator(BaseOperator):
    """Returns a list of options, one entry a candidate of the plan.

    Airflow maps over return values only, and the plan's own is the URI of its result.

    Args:
        plan: Task that planned.
    """

    def __init__(self, *, plan: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Read the plan.

        Raises:
            BadInput: it left no result.
            StoreUnavailable: the store did not answer.
        """
        plan = Plan.model_validate_json(artifact(result_of(context, self.plan), "plan"))
        return [{"algorithm": one.algorithm} for one in plan.candidates]
