"""Step ``train``: fits the spec's algorithm on the rows outside the test window."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from include.steps import run
from include.steps.contract import Measure
from include.steps.rows import rows
from include.training import algorithms, stored
from include.training.digest import model_digest
from include.training.fit import fit
from include.training.report import TrainingReport
from include.training.target import truth

if TYPE_CHECKING:
    import pandas as pd

    from include.spec.model import Scalar, Spec
    from include.training.fit import Fitted

LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")


def work(context: run.StepContext) -> run.StepOutcome:
    """Fit, and write the model with a report of the fit.

    Raises:
        BadInput: the rows or the spec do not make a model.
    """
    spec, train = context.spec, rows(context).train
    fitted = fit(spec, train)
    report = _report(spec, fitted, train)
    folder = context.scratch / "model"
    stored.write(fitted.model, spec, report.model_digest, folder)
    return run.StepOutcome(
        outcome="trained",
        message=f"{spec.training.algorithm} fitted on {len(train)} rows",
        artifacts=(
            context.put_folder("model", folder),
            context.write_document("report", "report.json", report),
        ),
        metrics=(Measure(name="training_rows", value=len(train)),),
    )


def _report(spec: Spec, fitted: Fitted, train: pd.DataFrame) -> TrainingReport:
    parameters: dict[str, Scalar] = (
        algorithms.of(spec).parameters(spec.training.parameters).model_dump()
    )
    return TrainingReport(
        model=spec.model,
        algorithm=spec.training.algorithm,
        parameters=parameters,
        seed=spec.training.seed,
        training_rows=len(train),
        features=tuple(column.name for column in fitted.model.features),
        dropped=fitted.dropped,
        notes=fitted.notes,
        baseline=float(truth(train, spec, fitted.model.classes).mean()),
        model_digest=model_digest(fitted.model, train),
        libraries={name: version(name) for name in LIBRARIES},
    )


if __name__ == "__main__":
    run.main("train", work)
