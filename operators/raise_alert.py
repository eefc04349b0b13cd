"""Tells people why a training run stopped before a version came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from include.alerts import stories
from include.data.report import ValidationReport
from include.evaluation.report import GateReport
from operators.notifiers.delivery import deliver
from operators.results import artifact, result_of
from operators.run import partition, run_link, run_ref
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
    """

    ui_color = "#fbe3e0"

    def __init__(
        self, *, spec: Spec, of: str, cause: Literal["data", "gates"], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.of = of
        self.cause = cause

    def act(self, context: Context) -> str:
        """Tell the story and return what was said."""
        result = result_of(context, self.of)
        run = run_ref(context)
        story = self._story(context, result)
        alert = stories.addressed(story, self.spec.model, run, run_link(run))
        deliver(alert, self.spec.alerts.slack_channel)
        self.log.warning("%s\n%s", story.title, story.body)
        return result.message

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
