"""The leading metric in parts of the window: every kind of column, and parts that say nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from include.evaluation.estimates import Outcomes, chosen
from include.evaluation.slices import slices
from include.verdict import Verdict

pytestmark = pytest.mark.steps
DRAW = np.random.default_rng(4)
ROWS = 240


@pytest.fixture
def window(toy):
    """Return a window of typed rows as the data layer makes them, with missing values."""
    frame = toy.rows(ROWS)
    years = pd.Series([*range(0, 30)] * 8, index=frame.index, dtype="Int64")
    years.iloc[::40] = pd.NA
    owner = pd.Series([True, False, None] * 80, index=frame.index, dtype="boolean")
    town = pd.Series(["Ames", "Bath", None, "Cork"] * 60, index=frame.index, dtype="string")
    town.iloc[:4] = "Rare"
    return frame.assign(years=years, owner=owner, town=town)


def of(toy, window, *names):
    intervals = {"resamples": 100, "level": 0.95}
    evaluation = {"metrics": ["auc"], "slices": list(names), "intervals": intervals}
    spec = toy.spec(evaluation=evaluation)
    actual = window["verdict"].astype(float).to_numpy()
    said = np.clip(0.3 + 0.4 * actual + 0.2 * DRAW.normal(size=ROWS), 0, 1)
    return slices(spec, window, Outcomes(actual, said, 0.5), chosen(spec)[0])


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("owner", ["False", "True", "(missing)"]),
        ("town", ["Ames", "Bath", "Cork", "Rare", "(missing)"]),
    ],
)
def test_each_value_is_a_part_and_so_is_a_missing_one(toy, window, column, parts) -> None:
    found = of(toy, window, column)
    assert [one.part for one in found] == parts
    assert sum(one.rows for one in found) == ROWS


def test_a_number_is_parted_in_quarters(toy, window) -> None:
    found = of(toy, window, "years")
    assert len(found) == 5
    assert found[-1].part == "(missing)"
    assert max(one.rows for one in found[:-1]) < 0.35 * ROWS
    assert sum(one.rows for one in found) == ROWS


def test_a_small_part_has_no_figure_and_the_others_an_interval(toy, window) -> None:
    found = {one.part: one for one in of(toy, window, "town")}
    rare, ames = found["Rare"], found["Ames"]
    assert (rare.verdict, rare.value, rare.lower) == (Verdict.NO_DATA, None, None)
    assert ames.verdict is Verdict.PASS
    assert ames.lower < ames.value < ames.upper


def test_a_part_of_one_class_has_no_auc(toy, window) -> None:
    window.loc[window["town"] == "Bath", "verdict"] = 1
    found = {one.part: one for one in of(toy, window, "town")}
    assert found["Bath"].rows >= 30
    assert (found["Bath"].verdict, found["Bath"].value) == (Verdict.NO_DATA, None)


def test_no_column_no_part(toy, window) -> None:
    assert of(toy, window) == ()
