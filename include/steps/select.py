"""Step ``select``: takes one model by the written policy, and hands it on as ``train`` would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.steps import run
from include.steps.contenders import finished, measure
from include.steps.contract import Measure
from include.steps.told import markdown
from include.training.outcomes import ContenderReport, EnsembleReport, PlanReport, SelectionReport
from include.training.policy import POLICY, Contender, Kind, Score, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.steps.contenders import Finished
    from include.steps.contract import Artifact
    from include.training.policy import Selection

SOURCE = "ensemble"


def work(context: run.StepContext) -> run.StepOutcome:
    """Select, and copy the model and its report beside the reasons.

    Raises:
        Rejected: no candidate finished.
    """
    plan = context.read_document("plan", "plan", PlanReport)
    singles = {one.report.algorithm: one for one in finished(context)}
    contenders = (*map(_single, singles.values()), *_ensembles(context))
    chosen = select(contenders, Score(plan.score, plan.is_higher_better))
    report = _report(plan, contenders, chosen, singles)
    winner = next(one for one in contenders if one.name == chosen.name)
    return run.StepOutcome(
        outcome="selected",
        message=f"{chosen.name} of {len(contenders)}: {chosen.reasons[0]}",
        artifacts=(
            *_model(context, winner, singles),
            context.write_document("selection", "selection.json", report),
            context.write_artifact("reasons", "selection.md", markdown(report).encode()),
        ),
        metrics=(
            Measure(name=plan.score, value=winner.mean, samples=len(winner.known)),
            Measure(name="latency_ms", value=round(1000 * winner.latency, 4)),
        ),
        truncated=any(one.report.truncated for one in singles.values()),
    )


def _single(one: Finished) -> Contender:
    kind = Kind.BASELINE if one.report.is_baseline else Kind.SINGLE
    slow = measure(one.result, "latency_ms") / 1000
    return Contender(one.report.algorithm, kind, one.report.scores, slow)


def _ensembles(context: run.StepContext) -> tuple[Contender, ...]:
    """Return the ensembles; none where the step that makes them left no result."""
    if SOURCE not in context.inputs:
        return ()
    report, result = context.read_document(SOURCE, "ensemble", EnsembleReport), context.inputs
    return tuple(
        Contender(
            one.name,
            Kind.ENSEMBLE,
            one.scores,
            measure(result[SOURCE], f"{one.name}_latency_ms") / 1000,
        )
        for one in report.ensembles
        if any(score is not None for score in one.scores)
    )


def _model(
    context: run.StepContext, winner: Contender, singles: Mapping[str, Finished]
) -> tuple[Artifact, ...]:
    source, model, report = SOURCE, f"{winner.name}_model", f"{winner.name}_report"
    more: tuple[Artifact, ...] = ()
    if winner.kind is not Kind.ENSEMBLE:
        source, model, report = singles[winner.name].source, "model", "report"
        searched = context.read_artifact(source, "candidate")
        more = (context.write_artifact("candidate", "candidate.json", searched),)
    folder = context.fetch_folder(source, model)
    return (
        context.put_folder("model", folder),
        context.write_artifact("report", "report.json", context.read_artifact(source, report)),
        *more,
    )


def _report(
    plan: PlanReport,
    contenders: tuple[Contender, ...],
    chosen: Selection,
    singles: Mapping[str, Finished],
) -> SelectionReport:
    sign = 1 if plan.is_higher_better else -1
    ordered = sorted(contenders, key=lambda one: (-sign * one.mean, one.name))
    return SelectionReport(
        model=plan.model,
        score=plan.score,
        is_higher_better=plan.is_higher_better,
        folds=len(plan.folds),
        selected=chosen.name,
        policy=POLICY,
        reasons=chosen.reasons,
        contenders=tuple(_line(one, singles.get(one.name)) for one in ordered),
        missing=tuple(c.algorithm for c in plan.candidates if c.algorithm not in singles),
    )


def _line(one: Contender, single: Finished | None) -> ContenderReport:
    return ContenderReport(
        name=one.name,
        kind=one.kind.value,
        mean=one.mean,
        error=one.error,
        folds=len(one.known),
        latency_ms=1000 * one.latency,
        seconds=measure(single.result, "seconds") if single else 0.0,
        trials=len(single.report.trials) if single else 0,
        truncated=single.report.truncated if single else False,
    )


if __name__ == "__main__":
    run.main("select", work)
