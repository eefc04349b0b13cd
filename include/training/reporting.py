"""The report of one fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.libraries import version
from include.training.digest import model_digest
from include.training.report import TrainingReport
from include.training.target import truth

if TYPE_CHECKING:
    import pandas as pd

    from include.spec.model import Spec
    from include.training.algorithm import Recipe
    from include.training.fit import Fitted

LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")
_MORE = {"xgboost": ("xgboost",), "network": ("keras", "tensorflow")}


def training_report(
    spec: Spec, recipe: Recipe, made: Fitted, train: pd.DataFrame
) -> TrainingReport:
    """Return what a fit leaves to read; ``train`` are the rows that it was made of."""
    libraries = (*LIBRARIES, *_MORE.get(recipe.algorithm, ()))
    return TrainingReport(
        model=spec.model,
        algorithm=recipe.algorithm,
        parameters=dict(recipe.parameters),
        seed=recipe.seed,
        training_rows=len(train),
        features=tuple(column.name for column in made.model.features),
        dropped=made.dropped,
        notes=made.notes,
        baseline=float(truth(train, spec, made.model.classes).mean()),
        model_digest=model_digest(made.model, train),
        libraries={name: version(name) for name in libraries},
    )
