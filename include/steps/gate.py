"""Step ``gate``: holds what was measured against the limits declared in the spec."""

from __future__ import annotations

from include.evaluation.gates.judging import judge_all
from include.evaluation.records import Footprint
from include.evaluation.report import EvaluationReport
from include.steps import run
from include.steps.contenders import measure


def work(context: run.StepContext) -> run.StepOutcome:
    """Judge every gate; the outcome is the worst verdict, one of the five."""
    measured = context.read_document("evaluate", "report", EvaluationReport)
    report = judge_all(context.spec, measured.model_copy(update={"footprint": _cost(context)}))
    told = "; ".join(f"{r.name}: {r.verdict.value} ({r.message})" for r in report.results)
    return run.StepOutcome(
        outcome=report.overall.value,
        verdict=report.overall,
        message=told or "the spec declares no gate",
        artifacts=(context.write_document("report", "report.json", report),),
    )


def _cost(context: run.StepContext) -> Footprint:
    """Return time and size: metrics of the evaluation, since no two timings are the same bytes."""
    result = context.inputs["evaluate"]
    return Footprint.model_validate({
        name: measure(result, name) for name in Footprint.model_fields
    })


if __name__ == "__main__":
    run.main("gate", work)
