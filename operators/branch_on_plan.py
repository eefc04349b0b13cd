"""Chooses where a verified candidate goes: to the first stage of its plan, or straight on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.errors import BadInput
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, run_ref
from operators.stage import OPEN_ROLLOUT
from operators.task import AirworthyBranch

if TYPE_CHECKING:
    from airflow.sdk import Context


class BranchOnPlanOperator(AirworthyBranch):
    """Follows the frozen plan, whatever the graph could do besides.

    Args:
        stages: Number of stages in the graph.
        first: Task to follow where the plan has as many: first task of the first stage.
        alone: Task to follow where it has one, all the traffic: on a first release.
        back: Task to follow where it has none: on the way back.
    """

    def __init__(self, *, stages: int, first: str, alone: str, back: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stages = stages
        self.first = first
        self.alone = alone
        self.back = back

    def choose_branch(self, context: Context) -> str:
        """Return the task to follow.

        Raises:
            BadInput: the graph is not made for this plan.
        """
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            rollout = control_plane.rollout(first_xcom(context, (OPEN_ROLLOUT,)))
        planned = len(rollout.plan.stages)
        self.log.info("a rollout of kind %s with %d stage(s)", rollout.plan.kind, planned)
        ways = {0: self.back, 1: self.alone, self.stages: self.first}
        if planned not in ways:
            raise BadInput(
                f"the plan of rollout {rollout.id} has {planned} stages",
                where="graph",
                value=self.stages,
                remedy="The spec has changed since the release began: start another run",
            )
        return ways[planned]
