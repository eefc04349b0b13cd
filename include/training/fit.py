"""Fitting one model on training rows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sklearn.exceptions import ConvergenceWarning

from include.errors import BadInput
from include.spec.model import Role, Task
from include.training import algorithms
from include.training.features import admissible
from include.training.matrix import matrix
from include.training.prediction import Model
from include.training.target import classes, target
from include.training.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import Pipeline

    from include.spec.model import Column, Spec
    from include.training.algorithm import Recipe
    from include.training.target import Classes


@dataclass(frozen=True)
class Fitted:
    """A fitted model, what was left out, and what people should know about the fit."""

    model: Model
    dropped: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """Training rows as every algorithm takes them; dated rows are in order of time.

    Attributes:
        frame: The rows.
        table: Their features, as ``matrix`` makes them.
        labels: Their target, shape (n,).
        features: The features of the spec.
        used: Those that vary, and are therefore fitted.
        dropped: Names of the others.
        classes: The classes; None for a regression.
    """

    frame: pd.DataFrame
    table: pd.DataFrame
    labels: np.ndarray
    features: tuple[Column, ...]
    used: tuple[Column, ...]
    dropped: tuple[str, ...]
    classes: Classes | None

    @property
    def truth(self) -> np.ndarray:
        """The target as numbers, shape (n,): itself, or 1 for the positive class and else 0."""
        if self.classes is None:
            return self.labels
        return (self.labels == self.classes.positive).astype("float64")


def prepare(spec: Spec, frame: pd.DataFrame) -> Prepared:
    """Check training rows and bring them in form.

    A feature without any variation is left out and named in ``dropped``; requests still carry it,
    so the signature of a model does not depend on one month's data.

    Raises:
        BadInput: no rows, one class, a feature without any value, an infinite number, a column
            that may not be a feature.
    """
    features = admissible(spec)
    ordered = _in_time(spec, frame)
    labels = target(ordered, spec)
    found = classes(labels, spec.data.target) if spec.task is Task.CLASSIFICATION else None
    table = matrix(ordered, features)
    used, dropped = _varying(table, features)
    return Prepared(ordered, table, labels, features, used, dropped, found)


def fit(spec: Spec, frame: pd.DataFrame, recipe: Recipe | None = None) -> Fitted:
    """Fit ``frame``, which must hold training rows only, by a recipe (the spec's first candidate).

    Raises:
        BadInput: as ``prepare``, or an unknown algorithm or parameter.
    """
    return fitted(prepare(spec, frame), recipe or algorithms.recipe(spec))


@one_thread()
def fitted(rows: Prepared, recipe: Recipe) -> Fitted:
    """Fit all prepared rows by a recipe.

    Raises:
        BadInput: an unknown algorithm or parameter.
    """
    pipeline = algorithms.named(recipe.algorithm, recipe.task).build(recipe, rows.used)
    notes = quietly(pipeline, rows.table, rows.labels)
    notes += _sampled(pipeline, len(rows.table))
    notes += tuple(f"{name} does not vary in training and was left out" for name in rows.dropped)
    return Fitted(Model(pipeline, rows.features, rows.classes), rows.dropped, notes)


def quietly(
    estimator: BaseEstimator, table: pd.DataFrame | np.ndarray, labels: np.ndarray
) -> tuple[str, ...]:
    """Fit, and return what the solver complains of; it warns of nothing else that people need."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        estimator.fit(table, labels)
    return tuple(
        f"the solver did not converge: {str(warning.message).splitlines()[0]}"
        for warning in caught
        if issubclass(warning.category, ConvergenceWarning)
    )


def _sampled(pipeline: Pipeline, rows: int) -> tuple[str, ...]:
    count = getattr(pipeline.named_steps["model"], "sampled_rows_", rows)
    return (f"fitted on {count} sampled rows of {rows}",) if count < rows else ()


def _in_time(spec: Spec, frame: pd.DataFrame) -> pd.DataFrame:
    """Return dated rows in order of time (days, then as they came), others as they are."""
    columns = spec.data.named(Role.TIME)
    if spec.split.kind != "time" or not columns or columns[0].name not in frame.columns:
        return frame
    return frame.sort_values(columns[0].name, kind="stable")


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
