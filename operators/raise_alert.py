"""Tells people why a training run stopped before a version came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from include.alerts import stories
from include.data.report import ValidationReport
from include.evaluation.report import GateReport
from operators.hooks.airworthy import AirworthyHook
from operators.notifiers.delivery import deliver
from operators.results import artifact, result_of
from operators.run import first_xcom, partition, run_link, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.alerts.stories import Story
    from include.spec.model import Spec
    from include.steps.contract import StepResult


class RaiseAlertOperator(AirworthyOperator):
    """Records and sends the alert of a data verdict or of the gates; succeeds either way.

    Args:
        spec: Spec of the model.
        of: Task whose result is told.
        cause: What ended the run: its data, or its gates.
        override: Task that asked people, where the gates did not pass.
    """

    ui_color = "#fbe3e0"

    def __init__(
        self,
        *,
        spec: Spec,
        of: str,
        cause: Literal["data", "gates"],
        override: str = "ask_override",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.of = of
        self.cause = cause
        self.override = override

    def act(self, context: Context) -> str:
        """Tell the story and return what was said."""
        result = result_of(context, self.of)
        result = result.model_copy(update={"message": result.message + self._answer(context)})
        run = run_ref(context)
        story = self._story(context, result)
        alert = stories.addressed(story, self.spec.model, run, run_link(run))
        deliver(alert, self.spec.alerts.slack_channel)
        self.log.warning("%s\n%s", story.title, story.body)
        return result.message

    def _answer(self, context: Context) -> str:
        decision_id = first_xcom(context, (self.override,))
        if self.cause != "gates" or not decision_id:
            return ""
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            asked = control_plane.decision(decision_id)
        if asked.answered_by:
            return f"; {asked.answered_by} answered {asked.answer}: {asked.reason}"
        return f"; nobody let it through by {asked.deadline:%Y-%m-%d %H:%M} UTC"

    def _story(self, context: Context, result: StepResult) -> Story:
        if self.cause == "gates":
            return stories.refused(self.spec.title, result.message, gate_lines(result))
        name = partition(context, self.spec)
        return stories.stopped(self.spec.title, name, result.message, findings(result))


def gate_lines(result: StepResult) -> tuple[str, ...]:
    """Return what each gate said, one line a gate."""
    report = GateReport.model_validate_json(artifact(result, "report"))
    return tuple(f"{gate.name}: {gate.verdict.value} - {gate.message}" for gate in report.results)


def findings(result: StepResult) -> tuple[str, ...]:
    """Return what is wrong with the batch as a whole, and the rules that most rows break."""
    report = ValidationReport.model_validate_json(artifact(result, "report"))
    whole = tuple(finding.message for finding in report.findings)
    rules = tuple(
        f"{count.rule}: {count.rows} of {report.rows} rows, for example {count.example}"
        for count in report.rules
    )
    return whole + rules
