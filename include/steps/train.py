"""Step ``train``: fits the spec's first candidate, without a search, outside the test window."""

from __future__ import annotations

from include.steps import run
from include.steps.contract import Measure
from include.steps.rows import rows
from include.training import algorithms, stored
from include.training.fit import fit
from include.training.reporting import training_report


def work(context: run.StepContext) -> run.StepOutcome:
    """Fit, and write the model with a report of the fit.

    Raises:
        BadInput: the rows or the spec do not make a model.
    """
    spec, train = context.spec, rows(context).train
    recipe = algorithms.recipe(spec)
    made = fit(spec, train, recipe)
    report = training_report(spec, recipe, made, train)
    folder = context.scratch / "model"
    stored.write(made.model, spec, report.model_digest, folder, algorithm=recipe.algorithm)
    return run.StepOutcome(
        outcome="trained",
        message=f"{recipe.algorithm} fitted on {len(train)} rows",
        artifacts=(
            context.put_folder("model", folder),
            context.write_document("report", "report.json", report),
        ),
        metrics=(Measure(name="training_rows", value=len(train)),),
    )


if __name__ == "__main__":
    run.main("train", work)
