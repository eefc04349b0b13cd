"""Every search for leaks, over the features that a spec declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.evaluation.leaks.combinations import combinations
from include.evaluation.leaks.copies import copies
from include.evaluation.leaks.duplicates import duplicates
from include.evaluation.leaks.identifiers import identifiers
from include.evaluation.leaks.records import Leak, LeakKind, LeakReport
from include.spec.model import Availability

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from include.spec.model import Spec


def search(spec: Spec, train: pd.DataFrame, test: pd.DataFrame, target: np.ndarray) -> LeakReport:
    """Return what was found among the features.

    Args:
        spec: The spec.
        train: Training rows, shape (n, columns).
        test: Test rows, shape (m, columns).
        target: Target of the training rows as a number, shape (n,); 0 or 1 for a classification.
    """
    features = spec.data.features
    names = [column.name for column in features]
    table, answered = train[names], [*names, spec.data.target.name]
    target = np.asarray(target, dtype="float64")
    found = (
        *_unavailable(spec),
        *copies(spec.task, table, target),
        *combinations(table, target),
        *identifiers(table, features),
        *duplicates(train[answered], test[answered]),
    )
    return LeakReport(rows=len(train), features=tuple(names), leaks=found)


def _unavailable(spec: Spec) -> Iterator[Leak]:
    for column in spec.data.features:
        if column.available_at is not Availability.APPLICATION:
            words = f"{column.name} is known at {column.available_at.value} only"
            yield Leak(kind=LeakKind.UNAVAILABLE, columns=(column.name,), words=words, strength=1.0)
