"""The finished candidates among a step's inputs, each under its algorithm's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput, Rejected
from include.training.outcomes import CandidateReport, PlanReport
from include.training.report import TrainingReport

if TYPE_CHECKING:
    from include.steps.context import StepContext
    from include.steps.contract import StepResult

STEP = "fit_candidate"


@dataclass(frozen=True)
class Finished:
    """A finished candidate: the input it came by, its reports and what it took."""

    source: str
    result: StepResult
    report: CandidateReport
    training: TrainingReport


def finished(context: StepContext) -> tuple[Finished, ...]:
    """Return the finished candidates in the order of the plan; those that failed are not there.

    Raises:
        Rejected: no candidate beside baselines has finished.
        BadInput: an algorithm is there twice, or was not planned.
    """
    plan = context.read_document("plan", "plan", PlanReport)
    order = [planned.algorithm for planned in plan.candidates]
    found = {}
    for source, result in context.inputs.items():
        if result.step != STEP:
            continue
        report = context.read_document(source, "candidate", CandidateReport)
        if report.algorithm not in order or report.algorithm in found:
            what = "this candidate was not planned, or is there twice"
            raise BadInput(what, where=source, value=report.algorithm)
        training = context.read_document(source, "report", TrainingReport)
        found[report.algorithm] = Finished(source, result, report, training)
    if not any(not one.report.is_baseline for one in found.values()):
        remedy = f"See why each of these failed: {', '.join(order)}"
        raise Rejected("no candidate was fitted", where="training", remedy=remedy)
    return tuple(found[name] for name in order if name in found)


def measure(result: StepResult, name: str) -> float:
    """Return a metric of a step's result; raise ``BadInput`` where it has none."""
    value = next((one.value for one in result.metrics if one.name == name), None)
    if value is None:
        raise BadInput("the step did not measure this", where=f"step {result.step}", value=name)
    return value
