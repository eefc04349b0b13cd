"""Step ``evaluate``: measures the model on the test window, and counts the look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.evaluation.calibration import calibration
from include.evaluation.estimates import Outcomes, chosen, estimates
from include.evaluation.fairness.report import Rules, report
from include.evaluation.footprint import footprint
from include.evaluation.leaks.search import search
from include.evaluation.plots import PLOT, plots
from include.evaluation.report import EvaluationReport, Measurement
from include.evaluation.slices import slices
from include.evaluation.window import UseLog, describe
from include.spec.model import Role, Task
from include.steps import run
from include.steps.champion import comparison
from include.steps.contract import Measure
from include.steps.explaining import explanation
from include.steps.rows import Rows, rows
from include.training import stored
from include.training.report import TrainingReport
from include.training.target import truth

if TYPE_CHECKING:
    import numpy as np

    from include.evaluation.fairness.records import FairnessReport
    from include.spec.model import Spec
    from include.steps.contract import Artifact
    from include.training.prediction import Model


@dataclass(frozen=True)
class Tried:
    """A model's scores on the test window, and what happened there; each of shape (n,)."""

    spec: Spec
    model: Model
    rows: Rows
    actual: np.ndarray
    scores: np.ndarray
    baseline: float

    @property
    def outcomes(self) -> Outcomes:
        """What happened and what was said, beside the naive predictor."""
        return Outcomes(self.actual, self.scores, self.baseline)


def work(context: run.StepContext) -> run.StepOutcome:
    """Measure every metric of the spec with its interval and its baseline.

    Raises:
        BadInput: the test window is empty, or a prediction is not a number.
    """
    spec, parted = context.spec, rows(context)
    training = context.read_document("train", "report", TrainingReport)
    folder = context.fetch_folder("train", "model")
    model, document = stored.read(folder)
    scores = model.predict(parted.test).scores
    actual = truth(parted.test, spec, model.classes)
    tried = Tried(spec, model, parted, actual, scores, training.baseline)
    measured = measurement(tried, document.digest)
    made = EvaluationReport(
        **dict(measured),
        used_before=UseLog(context.store, context.root).record(measured.window.digest, context.key),
        comparison=comparison(context, parted.test, actual, scores),
        leaks=search(spec, parted.train, parted.test, truth(parted.train, spec, model.classes)),
        explanations=explanation(spec, model, parted),
    )
    cost = footprint(model.predict, parted.test, folder)
    return run.StepOutcome(
        outcome="evaluated",
        message=_sentence(made),
        artifacts=(context.write_document("report", "report.json", made), *_drawn(context, made)),
        metrics=tuple(
            Measure(name=e.name, value=e.value, lower=e.lower, upper=e.upper, samples=e.samples)
            for e in made.estimates
        )
        + tuple(Measure(name=name, value=value) for name, value in cost.model_dump().items()),
    )


def measurement(tried: Tried, model_digest: str) -> Measurement:
    """Return what is measured of a model: equal for equal models and rows."""
    spec, wanted = tried.spec, tried.spec.evaluation.intervals
    measured = estimates(spec, tried.outcomes)
    leading = chosen(spec)[0]
    seed = spec.training.seed
    return Measurement(
        model=spec.model,
        model_digest=model_digest,
        dataset_digest=tried.rows.dataset_digest,
        window=describe(spec, tried.rows.test),
        level=wanted.level,
        resamples=wanted.resamples,
        estimates=measured.made,
        undefined=measured.undefined,
        calibration=calibration(spec.task, tried.actual, tried.scores, wanted, seed),
        slices=slices(spec, tried.rows.test, tried.outcomes, leading),
        fairness=_fairness(tried),
    )


def _fairness(tried: Tried) -> FairnessReport | None:
    protected = [column.name for column in tried.spec.data.named(Role.PROTECTED)]
    if tried.spec.task is not Task.CLASSIFICATION or not protected:
        return None
    wanted = tried.spec.evaluation
    rules = Rules(
        wanted.intervals.level, wanted.fairness.min_denominator, wanted.fairness.intersections
    )
    selected = tried.scores >= 0.5
    return report(tried.rows.test[protected], tried.actual == 1, selected, rules)


def _drawn(context: run.StepContext, made: EvaluationReport) -> tuple[Artifact, ...]:
    return tuple(
        context.write_artifact(f"{PLOT}{one.name}", f"{one.name}.svg", one.svg)
        for one in plots(made)
    )


def _sentence(report: EvaluationReport) -> str:
    window = f"{report.window.rows} test rows, looked at {report.used_before} time(s) before"
    if not report.estimates:
        return f"no metric is defined on {window}"
    first = report.estimates[0]
    return f"{first.name} {first.value:.4g} [{first.lower:.4g}, {first.upper:.4g}] on {window}"


if __name__ == "__main__":
    run.main("evaluate", work)
