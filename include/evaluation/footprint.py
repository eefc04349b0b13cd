"""What a model costs to serve: the time of one prediction, and its size."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from include.evaluation.records import Footprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

CALLS = 40
_BYTES = 1_000_000


def footprint(
    predict: Callable[[pd.DataFrame], object], frame: pd.DataFrame, folder: Path
) -> Footprint:
    """Return what a model costs; a figure of this machine and this moment.

    Args:
        predict: What answers for a model.
        frame: Rows to ask it, shape (n, columns), at least one.
        folder: Where the model is stored.
    """
    rows = [frame.iloc[[place % len(frame)]] for place in range(CALLS)]
    for row in rows:
        predict(row)
    taken = [_milliseconds(predict, row) for row in rows]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Footprint(
        milliseconds=float(np.median(taken)),
        milliseconds_upper=float(np.quantile(taken, 0.75)),
        calls=CALLS,
        megabytes=size / _BYTES,
    )


def _milliseconds(predict: Callable[[pd.DataFrame], object], row: pd.DataFrame) -> float:
    began = time.perf_counter()
    predict(row)
    return (time.perf_counter() - began) * 1000
