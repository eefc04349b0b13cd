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


def rides(spec):
    """Return three months of rides, as one training has them."""
    return bike_months(spec, MONTHS)


def explained(name: str, rows, number: int) -> dict[str, tuple[float, float]]:
    """Return residual and seconds of families of a model, fitted without a search."""
    from include.data.split import split
    from include.steps.explaining import explanation
    from include.steps.rows import Rows
    from include.training import algorithms
    from include.training.fit import fit

    warnings.simplefilter("ignore")
    spec = compiled.read(ROOT / f"dags/compiled/{name}.json").spec
    train, test = split(rows(spec), spec)
    found = {}
    for family in spec.training.candidates[:number]:
        model = fit(spec, train, algorithms.recipe(spec, family)).model
        began = time.perf_counter()
        made = explanation(spec, model, Rows(train, test, ""))
        assert made.verdict is Verdict.PASS, family
        found[family] = (made.residual, time.perf_counter() - began)
    return found


@pytest.mark.parametrize(
    ("model", "rows"),
    [("mortgage_approval", mortgages), ("bike_demand", rides)],
    ids=["mortgage_approval", "bike_demand"],
)
def test_values_add_up_to_what_the_model_says(rounds, record, model, rows) -> None:
    number = rounds(full=5, slice=1)
    found = explained(model, rows, number)
    record(
        f"shap-additivity-{model}",
        seed=20260101,
        counts={"families": len(found)},
        figures={
            "tolerance": f"{TOLERANCE:.0e}",
            "relative residual": {
                family: f"{residual:.1e}" for family, (residual, _) in found.items()
            },
            "seconds": {family: seconds for family, (_, seconds) in found.items()},
        },
    )
    assert len(found) == number
    assert all(residual <= TOLERANCE for residual, _ in found.values())
