"""Chooses the branch that a decision's answer names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseBranchOperator

from operators.open_decision import APPROVE
from operators.run import first_xcom

if TYPE_CHECKING:
    from airflow.sdk import Context


class BranchOnDecisionOperator(BaseBranchOperator):
    """Follows ``approved`` for that very answer, and ``otherwise`` for any other and for none.

    Args:
        of: Task that returned the answer.
        approved: Task to follow when it is a yes.
        otherwise: Task to follow in every other case.
        yes: The answer that is a yes.
    """

    ui_color = "#fdf3d8"

    def __init__(
        self, *, of: str, approved: str, otherwise: str, yes: str = APPROVE, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.of = of
        self.approved = approved
        self.otherwise = otherwise
        self.yes = yes

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow."""
        answer = first_xcom(context, (self.of,))
        self.log.info("answer: %s", answer or "none")
        return self.approved if answer == self.yes else self.otherwise
