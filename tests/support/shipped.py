"""The data that ships, as typed rows of its spec; in the steps' environment."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from include.spec.model import Spec

NO_TERM = "999999.4"


def typed(spec: Spec, rows: Sequence[dict[str, str]], keys: Sequence[str]) -> pd.DataFrame:
    """Return rows of text as the frame that a dataset version of them would give."""
    from include.data.frame import frame
    from include.data.types import converter

    values = {
        column.name: [converter(column)(row[column.name]) for row in rows]
        for column in spec.data.columns
    }
    return frame(values, keys, spec)


def mortgages(spec: Spec) -> pd.DataFrame:
    """Return the applications but those that the contract sets aside."""
    from hashlib import sha256

    from include.data import mortgage

    rows = [row for row in mortgage.applications() if row["term"] != NO_TERM]
    return typed(spec, rows, [sha256(",".join(row.values()).encode()).hexdigest() for row in rows])


def bike_months(spec: Spec, names: Iterable[str] = ()) -> pd.DataFrame:
    """Return the rides of some months, or of all."""
    from include.data import bikes

    files = bikes.months()
    rows = [
        row
        for name in (names or sorted(files))
        for row in csv.DictReader(io.StringIO(files[name].decode()))
    ]
    return typed(spec, rows, [row["instant"] for row in rows])
