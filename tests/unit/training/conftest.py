"""Grounds to compete on: the toy model, dated and undated, and a score."""

from __future__ import annotations

import pandas as pd
import pytest

from include.evaluation.metrics import METRICS
from include.training.fit import prepare
from include.training.folds import folds
from include.training.search import Field


@pytest.fixture
def ground():
    """Return what makes a field of a spec and rows."""

    def make(spec, rows):
        prepared = prepare(spec, rows)
        score = METRICS[spec.evaluation.metrics[0]]
        is_dated = spec.split.kind == "time"
        return Field(prepared, folds(spec, prepared), score, is_dated=is_dated)

    return make


@pytest.fixture
def dated(toy):
    """Return what makes a spec with a time column, and its rows out of order."""

    def make(spec, days=12, per_day=20):
        parts = spec.model_dump(mode="json")
        day = {"name": "day", "type": "date", "role": "time", "available_at": "application"}
        parts["data"]["columns"].append(day)
        parts["split"] = {"kind": "time"}
        rows = toy.rows(days * per_day)
        first = pd.Timestamp("2026-01-01")
        rows["day"] = [first + pd.Timedelta(days=n % days) for n in range(len(rows))]
        return type(spec).model_validate(parts), rows

    return make
