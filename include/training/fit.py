"""Fitting one model on training rows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sklearn.exceptions import ConvergenceWarning

from include.errors import BadInput
from include.spec.model import Task
from include.training import algorithms
from include.training.features import admissible
from include.training.matrix import matrix
from include.training.prediction import Model
from include.training.target import classes, target

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from include.spec.model import Column, Spec


@dataclass(frozen=True)
class Fitted:
    """A fitted model, what was left out, and what people should know about the fit."""

    model: Model
    dropped: tuple[str, ...]
    notes: tuple[str, ...]


def fit(spec: Spec, frame: pd.DataFrame) -> Fitted:
    """Fit the spec's algorithm on ``frame``, which must hold training rows only.

    A feature without any variation is left out of the fit and named in ``dropped``; requests still
    carry it, so the signature of a model does not depend on one month's data.

    Raises:
        BadInput: no rows, one class, a feature without any value, an infinite number, an unknown
            algorithm or parameter, a column that may not be a feature.
    """
    features = admissible(spec)
    labels = target(frame, spec)
    found = classes(labels, spec.data.target) if spec.task is Task.CLASSIFICATION else None
    table = matrix(frame, features)
    used, dropped = _varying(table, features)
    pipeline = algorithms.of(spec).build(spec, used)
    notes = _fit(pipeline, table, labels)
    notes += tuple(f"{name} does not vary in training and was left out" for name in dropped)
    return Fitted(Model(pipeline, features, found), dropped, notes)


def _varying(
    table: pd.DataFrame, features: tuple[Column, ...]
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    empty = [column.name for column in features if table[column.name].isna().all()]
    if empty:
        raise BadInput(
            "a feature has no value in any training row",
            where=f"data.columns.{empty[0]}",
            value=empty,
            remedy="Mend the source, or take the column out of the features",
        )
    constant = {name for name in table.columns if table[name].nunique(dropna=False) == 1}
    used = tuple(column for column in features if column.name not in constant)
    if not used:
        raise BadInput("no feature varies", where="data.columns", value=sorted(constant))
    return used, tuple(sorted(constant))


def _fit(pipeline: Pipeline, table: pd.DataFrame, labels: np.ndarray) -> tuple[str, ...]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        pipeline.fit(table, labels)
    return tuple(
        f"the solver did not converge: {str(warning.message).splitlines()[0]}"
        for warning in caught
        if issubclass(warning.category, ConvergenceWarning)
    )
