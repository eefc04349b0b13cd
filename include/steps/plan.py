"""Step ``plan``: checks that the rows can be trained on, and says who competes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.steps import run
from include.steps.contract import Measure
from include.steps.field import field
from include.training import algorithms
from include.training.outcomes import FoldSize, PlannedCandidate, PlanReport

if TYPE_CHECKING:
    from include.spec.model import Spec
    from include.training.search import Field


def work(context: run.StepContext) -> run.StepOutcome:
    """Write the plan: folds, score, and each candidate with its budget; the baseline always.

    Raises:
        BadInput: the rows or the spec do not make a training.
    """
    spec, ground = context.spec, field(context)
    report = PlanReport(
        model=spec.model,
        score=ground.score.name,
        is_higher_better=ground.score.is_higher_better,
        rows=len(ground.rows.table),
        folds=tuple(
            FoldSize(fitted=len(fold.fitted), held_out=len(fold.held_out)) for fold in ground.folds
        ),
        candidates=_candidates(spec, ground),
        seed=spec.training.seed,
    )
    names = ", ".join(candidate.algorithm for candidate in report.candidates)
    return run.StepOutcome(
        outcome="planned",
        message=f"{names} on {report.rows} rows, {len(report.folds)} fold(s), by {report.score}",
        artifacts=(context.write_document("plan", "plan.json", report),),
        metrics=(Measure(name="training_rows", value=report.rows),),
    )


def _candidates(spec: Spec, ground: Field) -> tuple[PlannedCandidate, ...]:
    planned = []
    for name in (*spec.training.candidates, algorithms.BASELINE):
        recipe = algorithms.recipe(spec, name)
        algorithm = algorithms.named(name, spec.task)
        algorithm.build(recipe, ground.rows.used)
        is_searched = any(knob.name not in recipe.given for knob in algorithm.knobs(spec.task))
        planned.append(
            PlannedCandidate(
                algorithm=name,
                is_baseline=name == algorithms.BASELINE,
                trials=spec.training.trials if is_searched else 1,
                seconds=spec.training.seconds,
            )
        )
    return tuple(planned)


if __name__ == "__main__":
    run.main("plan", work)
