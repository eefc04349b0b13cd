"""Chooses whether people are asked before a version is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseBranchOperator

from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref

if TYPE_CHECKING:
    from airflow.sdk import Context


class BranchOnApprovalOperator(BaseBranchOperator):
    """Follows ``ask`` where the rollout was opened as one that people have to approve.

    Args:
        rollout: Task that opened the rollout.
        ask: Task to follow where people are asked.
        go: Task to follow where nobody is.
    """

    ui_color = "#fdf3d8"

    def __init__(self, *, ask: str, go: str, rollout: str = "open_rollout", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ask = ask
        self.go = go
        self.rollout = rollout

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow."""
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (self.rollout,)))
        return self.ask if rollout.approval_required else self.go
