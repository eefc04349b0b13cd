"""What a model costs to serve: the time of one prediction, and its size."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from include.evaluation.records import Footprint

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from include.training.prediction import Model

CALLS = 40
_BYTES = 1_000_000


def footprint(model: Model, frame: pd.DataFrame, folder: Path) -> Footprint:
    """Return what a model costs; a figure of this machine and this moment.

    Args:
        model: The model.
        frame: Rows to ask it, shape (n, columns), at least one.
        folder: Where it is stored.
    """
    rows = [frame.iloc[[place % len(frame)]] for place in range(CALLS)]
    for row in rows:
        model.predict(row)
    taken = [_milliseconds(model, row) for row in rows]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Footprint(
        milliseconds=float(np.median(taken)),
        milliseconds_upper=float(np.quantile(taken, 0.75)),
        calls=CALLS,
        megabytes=size / _BYTES,
    )


def _milliseconds(model: Model, row: pd.DataFrame) -> float:
    began = time.perf_counter()
    model.predict(row)
    return (time.perf_counter() - began) * 1000
