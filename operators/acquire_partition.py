"""Brings in the partition that the run is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.runs import ReportRun, RunState
from include.errors import AirworthyError
from operators.hooks.airworthy import AirworthyHook
from operators.run import param, partition, run_ref
from operators.run_step import RunStepOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.spec.model import CompiledSpec


class AcquirePartitionOperator(RunStepOperator):
    """Runs the step ``acquire`` for the run's partition.

    Args:
        spec: Compiled spec of the model.
    """

    def __init__(self, *, spec: CompiledSpec, **kwargs: Any) -> None:
        super().__init__(step="acquire", spec=spec, **kwargs)

    def act(self, context: Context) -> str:
        """Run the step; see ``RunStepOperator``."""
        name = partition(context, self.spec.spec)
        self.log.info("partition %s", name)
        self._announce(context, name)
        self.options = {"partition": name, "attempt": context["run_id"]}
        return super().act(context)

    def _announce(self, context: Context, name: str) -> None:
        run = run_ref(context)
        report = ReportRun(
            run=run,
            model=self.spec.spec.model,
            kind="train",
            partition=name,
            state=RunState.RUNNING,
            reason=param(context, "reason"),
        )
        try:
            with AirworthyHook().control_plane(run) as control_plane:
                control_plane.report_run(report)
        except AirworthyError as error:
            # The record of a run is made good by `settle`; training need not wait for it.
            self.log.warning("the run was not announced: %s", error)
