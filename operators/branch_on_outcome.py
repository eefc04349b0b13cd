"""Chooses the branch that a step's outcome names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseBranchOperator

from include.errors import BadInput
from operators.results import result_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context


class BranchOnOutcomeOperator(BaseBranchOperator):
    """Follows the task that stands for the outcome of an earlier step.

    Args:
        of: Task whose result is read.
        branches: Task to follow for each outcome.
    """

    ui_color = "#fdf3d8"

    def __init__(self, *, of: str, branches: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of = of
        self.branches = branches

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow.

        Raises:
            BadInput: the outcome has no branch; nothing is followed by default.
        """
        result = result_of(context, self.of)
        self.log.info("%s: %s", result.outcome, result.message)
        if result.outcome not in self.branches:
            raise BadInput(
                "no branch for this outcome", where=f"task {self.of}", value=result.outcome
            )
        return self.branches[result.outcome]
