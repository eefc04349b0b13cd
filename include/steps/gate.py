"""Step ``gate``: holds what was measured against the limits declared in the spec."""

from __future__ import annotations

from include.evaluation.gates.judging import judge_all
from include.evaluation.report import EvaluationReport
from include.steps import run


def work(context: run.StepContext) -> run.StepOutcome:
    """Judge every gate; the outcome is the worst verdict, one of the five."""
    report = judge_all(context.spec, context.read_document("evaluate", "report", EvaluationReport))
    told = "; ".join(f"{r.name}: {r.verdict.value} ({r.message})" for r in report.results)
    return run.StepOutcome(
        outcome=report.overall.value,
        verdict=report.overall,
        message=told or "the spec declares no gate",
        artifacts=(context.write_document("report", "report.json", report),),
    )


if __name__ == "__main__":
    run.main("gate", work)
