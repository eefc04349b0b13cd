"""Ends a training run: reports it, and gives it its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.runs import ReportRun
from include.errors import BadInput, RunEnded
from include.runs.ending import training_ending
from operators.finished import finished
from operators.hooks.airworthy import AirworthyHook
from operators.run import first_xcom, partition, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.runs.ending import Ending
    from include.spec.model import Spec


class SettleTrainingOperator(AirworthyOperator):
    """Runs whatever happened before; fails, with the reason, unless a version was registered.

    Args:
        spec: Spec of the model.
        steps: Tasks that return a result URI.
    """

    def __init__(self, *, spec: Spec, steps: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.steps = steps

    def act(self, context: Context) -> str:
        """Report the run and return the reason of its success.

        Raises:
            RunEnded: the run reached no version; the message says why.
            ControlPlaneUnavailable: the run could not be reported; a retry tries again.
        """
        version = first_xcom(context, ("register",))
        said = first_xcom(context, ("refuse", "stop_and_alert"))
        ending = training_ending(finished(context), said=said, version=version)
        self._report(context, ending, version)
        if not ending.is_success:
            raise RunEnded(ending.reason)
        self.log.info(ending.reason)
        return ending.reason

    def _report(self, context: Context, ending: Ending, version: str) -> None:
        run = run_ref(context)
        uris = {step: first_xcom(context, (step,)) for step in self.steps}
        report = ReportRun(
            run=run,
            model=self.spec.model,
            kind="train",
            partition=self._partition(context),
            state=ending.state,
            reason=ending.reason,
            version=version,
            results={step: uri for step, uri in uris.items() if uri},
        )
        with AirworthyHook().control_plane(run) as control_plane:
            control_plane.report_run(report)

    def _partition(self, context: Context) -> str:
        try:
            return partition(context, self.spec)
        except BadInput:
            return ""  # `acquire` has failed for this very reason, and says so
