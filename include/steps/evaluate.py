"""Step ``evaluate``: measures the model on the test window, and counts the look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.estimates import Outcomes, estimates
from include.evaluation.report import EvaluationReport
from include.evaluation.selection import selection
from include.evaluation.window import UseLog, describe
from include.spec.model import Role, Task
from include.steps import run
from include.steps.contract import Measure
from include.steps.rows import rows
from include.training import stored
from include.training.report import TrainingReport
from include.training.target import truth

if TYPE_CHECKING:
    import pandas as pd

    from include.evaluation.report import GroupSelection
    from include.spec.model import Spec
    from include.training.prediction import Predictions


def work(context: run.StepContext) -> run.StepOutcome:
    """Measure every metric of the spec with its interval and its baseline.

    Raises:
        BadInput: the test window is empty, or a prediction is not a number.
    """
    spec, parted = context.spec, rows(context)
    training = context.read_document("train", "report", TrainingReport)
    model, document = stored.read(context.fetch_folder("train", "model"))
    said = model.predict(parted.test)
    actual = truth(parted.test, spec, model.classes)
    measured = estimates(spec, Outcomes(actual, said.scores, training.baseline))
    window = describe(spec, parted.test)
    report = EvaluationReport(
        model=spec.model,
        model_digest=document.digest,
        dataset_digest=parted.dataset_digest,
        window=window,
        level=spec.evaluation.intervals.level,
        resamples=spec.evaluation.intervals.resamples,
        estimates=measured.made,
        undefined=measured.undefined,
        selection=_selection(spec, parted.test, said),
        used_before=UseLog(context.store, context.root).record(window.digest, context.key),
    )
    return run.StepOutcome(
        outcome="evaluated",
        message=_sentence(report),
        artifacts=(context.write_document("report", "report.json", report),),
        metrics=tuple(
            Measure(name=e.name, value=e.value, lower=e.lower, upper=e.upper, samples=e.samples)
            for e in report.estimates
        ),
    )


def _selection(spec: Spec, test: pd.DataFrame, said: Predictions) -> tuple[GroupSelection, ...]:
    if spec.task is not Task.CLASSIFICATION:
        return ()
    protected = test[[column.name for column in spec.data.named(Role.PROTECTED)]]
    return selection(protected, said.scores >= 0.5, spec.evaluation.intervals.level)


def _sentence(report: EvaluationReport) -> str:
    window = f"{report.window.rows} test rows, looked at {report.used_before} time(s) before"
    if not report.estimates:
        return f"no metric is defined on {window}"
    first = report.estimates[0]
    return f"{first.name} {first.value:.4g} [{first.lower:.4g}, {first.upper:.4g}] on {window}"


if __name__ == "__main__":
    run.main("evaluate", work)
