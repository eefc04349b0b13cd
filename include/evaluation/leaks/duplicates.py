"""Test rows with a twin among the training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from include.evaluation.leaks.records import Leak, LeakKind

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 0.02
"""Share of test rows with a twin. Coarse features make some twins without any leak."""


def duplicates(train: pd.DataFrame, test: pd.DataFrame) -> Iterator[Leak]:
    """Yield a leak where many test rows have the features and the target of a training row.

    Args:
        train: Features and target of the training rows, shape (n, features + 1).
        test: The same of the test rows, shape (m, features + 1).
    """
    if not len(test):
        return
    seen = set(pd.util.hash_pandas_object(train.astype("object"), index=False))
    own = pd.util.hash_pandas_object(test.astype("object"), index=False)
    share = float(own.isin(seen).mean())
    if share > MOST:
        words = f"{share:.1%} of the test rows have a twin among the training rows"
        columns = tuple(str(name) for name in train.columns)
        yield Leak(kind=LeakKind.DUPLICATES, columns=columns, words=words, strength=share)
