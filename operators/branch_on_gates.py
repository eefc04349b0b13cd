"""Chooses what becomes of a candidate by its gates, and by whether the run asks people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseBranchOperator

from include.verdict import Verdict
from operators.results import result_of

if TYPE_CHECKING:
    from airflow.sdk import Context

FIELD = "ask_override"


class BranchOnGatesOperator(BaseBranchOperator):
    """Follows ``passed`` for a pass alone; anything else is put to people or refused.

    Args:
        of: Task that judged the gates.
        passed: Task to follow when every gate passed.
        ask: Task to follow otherwise, where the form of the run asks for it.
        refuse: Task to follow otherwise.
    """

    ui_color = "#fdf3d8"

    def __init__(self, *, of: str, passed: str, ask: str, refuse: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of = of
        self.passed = passed
        self.ask = ask
        self.refuse = refuse

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow."""
        result = result_of(context, self.of)
        self.log.info("%s: %s", result.outcome, result.message)
        if result.outcome == Verdict.PASS.value:
            return self.passed
        return self.ask if context["params"].get(FIELD) is True else self.refuse
