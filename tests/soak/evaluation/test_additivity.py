"""SHAP values of every family on both models that ship: how far they are from adding up."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest

from include.evaluation.explanations import TOLERANCE
from include.spec import compiled
from include.verdict import Verdict
from tests.support.shipped import bike_months, mortgages

pytestmark = [pytest.mark.steps, pytest.mark.timeout(1200), pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[3]
MONTHS = ("2012-04", "2012-05", "2012-06")


def explained(name: str, rows) -> dict[str, tuple[float, float]]:
    """Return residual and seconds of each family of a model, fitted without a search."""
    from include.data.split import split
    from include.steps.explaining import explanation
    from include.steps.rows import Rows
    from include.training import algorithms
    from include.training.fit import fit

    warnings.simplefilter("ignore")
    spec = compiled.read(ROOT / f"dags/compiled/{name}.json").spec
    train, test = split(rows(spec), spec)
    found = {}
    for family in spec.training.candidates:
        model = fit(spec, train, algorithms.recipe(spec, family)).model
        began = time.perf_counter()
        made = explanation(spec, model, Rows(train, test, ""))
        assert made.verdict is Verdict.PASS, family
        found[family] = (made.residual, time.perf_counter() - began)
    return found


def test_values_add_up_to_what_the_model_says(record) -> None:
    by_model = {
        "mortgage_approval": explained("mortgage_approval", mortgages),
        "bike_demand": explained("bike_demand", lambda spec: bike_months(spec, MONTHS)),
    }
    record(
        "shap-additivity",
        seed=20260101,
        counts={"families": 5, "models": 2},
        figures={
            "tolerance": f"{TOLERANCE:.0e}",
            "relative residual": {
                model: {family: f"{residual:.1e}" for family, (residual, _) in found.items()}
                for model, found in by_model.items()
            },
            "seconds": {
                model: {family: seconds for family, (_, seconds) in found.items()}
                for model, found in by_model.items()
            },
        },
    )
    assert all(
        residual <= TOLERANCE for found in by_model.values() for residual, _ in found.values()
    )
