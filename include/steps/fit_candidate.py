"""Step ``fit_candidate``: one candidate of the plan, from its search to a fitted model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from include.errors import BadInput
from include.steps import run
from include.steps.arrays import to_bytes
from include.steps.contract import Measure
from include.steps.field import field
from include.steps.studies import storage
from include.training import algorithms, stored
from include.training.candidate import compete
from include.training.outcomes import CandidateReport, PlanReport, Trial
from include.training.reporting import training_report
from include.training.search import Budget

if TYPE_CHECKING:
    from include.steps.contract import Artifact
    from include.training.candidate import Candidate
    from include.training.search import Field

ALGORITHM = "algorithm"


def work(context: run.StepContext) -> run.StepOutcome:
    """Search, measure on held-out rows, fit on all training rows.

    Raises:
        BadInput: the plan knows no such candidate, or every trial of it failed.
    """
    began = time.monotonic()
    name = context.option(ALGORITHM)
    plan = context.read_document("plan", "plan", PlanReport)
    planned = next((one for one in plan.candidates if one.algorithm == name), None)
    if planned is None:
        known = ", ".join(one.algorithm for one in plan.candidates)
        raise BadInput("the plan has no such candidate", where=ALGORITHM, value=name, remedy=known)
    ground = field(context)
    start = algorithms.recipe(context.spec, name)
    made = compete(start, ground, Budget(planned.trials, planned.seconds), storage(context, name))
    report = _report(made, ground)
    return run.StepOutcome(
        outcome="fitted",
        message=_sentence(report),
        artifacts=_artifacts(context, made, ground, report),
        metrics=_measures(made, report, time.monotonic() - began),
        truncated=report.truncated,
    )


def _report(made: Candidate, ground: Field) -> CandidateReport:
    found, count = made.found, len(made.scores)
    error = float(np.std(made.scores, ddof=1) / np.sqrt(count)) if count > 1 else None
    return CandidateReport(
        algorithm=found.recipe.algorithm,
        is_baseline=found.recipe.algorithm == algorithms.BASELINE,
        score=ground.score.name,
        scores=made.scores,
        mean=float(np.mean(made.scores)),
        error=error,
        parameters=dict(found.recipe.parameters),
        trials=tuple(
            Trial(
                number=tried.number,
                state=tried.state,
                parameters=dict(tried.parameters),
                score=tried.score,
                note=tried.note,
            )
            for tried in found.trials
        ),
        truncated=found.truncated,
        importances=made.importances,
    )


def _artifacts(
    context: run.StepContext, made: Candidate, ground: Field, report: CandidateReport
) -> tuple[Artifact, ...]:
    recipe, frame = made.found.recipe, ground.rows.frame
    training = training_report(context.spec, recipe, made.fitted, frame)
    folder = context.scratch / "model"
    model, name = made.fitted.model, recipe.algorithm
    stored.write(model, context.spec, training.model_digest, folder, algorithm=name)
    return (
        context.put_folder("model", folder),
        context.write_document("report", "report.json", training),
        context.write_document("candidate", "candidate.json", report),
        context.write_artifact("held_out", "held_out.npy", to_bytes(made.said)),
    )


def _measures(made: Candidate, report: CandidateReport, seconds: float) -> tuple[Measure, ...]:
    count = len(report.scores)
    return (
        Measure(name=report.score, value=report.mean, samples=count),
        Measure(name="trials", value=len(report.trials)),
        Measure(name="latency_ms", value=round(1000 * made.latency, 4)),
        Measure(name="seconds", value=round(seconds, 3)),
    )


def _sentence(report: CandidateReport) -> str:
    cut = ", cut short by the clock" if report.truncated else ""
    told = f"{report.score} {report.mean:.4g} over {len(report.scores)} fold(s)"
    return f"{report.algorithm}: {told}, {len(report.trials)} trial(s){cut}"


if __name__ == "__main__":
    run.main("fit_candidate", work)
