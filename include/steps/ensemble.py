"""Step ``ensemble``: combines the finished candidates, by what they said of held-out rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.steps import run
from include.steps.arrays import from_bytes
from include.steps.contenders import finished
from include.steps.contract import Measure
from include.steps.field import field
from include.training import stored
from include.training.algorithm import Recipe
from include.training.candidate import latency
from include.training.ensemble import blended, ensembles
from include.training.fit import Fitted
from include.training.outcomes import CombinedReport, EnsembleReport
from include.training.reporting import training_report

if TYPE_CHECKING:
    from include.steps.contenders import Finished
    from include.steps.contract import Artifact
    from include.training.ensemble import Ensemble
    from include.training.prediction import Model
    from include.training.search import Field

LEAST = 2


def work(context: run.StepContext) -> run.StepOutcome:
    """Combine what finished; with fewer than two candidates there is nothing to combine.

    Raises:
        Rejected: no candidate finished.
        BadInput: the candidates were measured on other rows.
    """
    members = tuple(one for one in finished(context) if not one.report.is_baseline)
    names = tuple(one.report.algorithm for one in members)
    if len(members) < LEAST:
        note = "an ensemble needs two candidates"
        report = EnsembleReport(members=names, ensembles=(), note=note)
        return run.StepOutcome(
            outcome="alone",
            message=note,
            artifacts=(context.write_document("ensemble", "ensemble.json", report),),
        )
    return _combined(context, members, names)


@dataclass(frozen=True)
class _Team:
    ground: Field
    members: tuple[Finished, ...]
    models: tuple[Model, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.report.algorithm for one in self.members)


def _combined(
    context: run.StepContext, members: tuple[Finished, ...], names: tuple[str, ...]
) -> run.StepOutcome:
    said = np.column_stack([
        from_bytes(context.read_artifact(one.source, "held_out"), one.source) for one in members
    ])
    models = tuple(stored.read(context.fetch_folder(one.source, "model"))[0] for one in members)
    team = _Team(field(context), members, models)
    made = ensembles(said, team.ground)
    artifacts: list[Artifact] = []
    metrics: list[Measure] = []
    for ensemble in made:
        began = time.monotonic()
        model, written = _write(context, ensemble, team)
        artifacts += written
        seconds, slow = time.monotonic() - began, 1000 * latency(model, team.ground)
        metrics += (
            Measure(name=f"{ensemble.name}_latency_ms", value=round(slow, 4)),
            Measure(name=f"{ensemble.name}_seconds", value=round(seconds, 3)),
        )
    report = EnsembleReport(
        members=names, ensembles=tuple(_report(one, names) for one in made), note=""
    )
    return run.StepOutcome(
        outcome="combined",
        message=f"{', '.join(one.name for one in made)} of {', '.join(names)}",
        artifacts=(context.write_document("ensemble", "ensemble.json", report), *artifacts),
        metrics=tuple(metrics),
    )


def _write(
    context: run.StepContext, ensemble: Ensemble, team: _Team
) -> tuple[Model, tuple[Artifact, ...]]:
    """Write an ensemble as ``train`` writes a model: a folder and a report."""
    model = blended(ensemble, team.models)
    spec, weights = context.spec, ensemble.weights.values
    recipe = Recipe(
        algorithm=ensemble.name,
        task=spec.task,
        parameters={
            f"weight.{name}": float(weight)
            for name, weight in zip(team.names, weights, strict=True)
        },
        seed=spec.training.seed,
    )
    notes = [f"{one.report.algorithm}: {n}" for one in team.members for n in one.training.notes]
    made = Fitted(model, team.ground.rows.dropped, tuple(notes))
    libraries = {k: v for one in team.members for k, v in one.training.libraries.items()}
    report = training_report(spec, recipe, made, team.ground.rows.frame)
    report = report.model_copy(update={"libraries": report.libraries | libraries})
    folder = context.scratch / ensemble.name
    stored.write(model, spec, report.model_digest, folder, algorithm=ensemble.name)
    return model, (
        context.put_folder(f"{ensemble.name}_model", folder),
        context.write_document(f"{ensemble.name}_report", f"{ensemble.name}.json", report),
    )


def _report(ensemble: Ensemble, names: tuple[str, ...]) -> CombinedReport:
    weights = ensemble.weights
    return CombinedReport(
        name=ensemble.name,
        weights=dict(zip(names, (float(value) for value in weights.values), strict=True)),
        intercept=weights.intercept,
        is_logit=weights.is_logit,
        scores=ensemble.scores,
    )


if __name__ == "__main__":
    run.main("ensemble", work)
