"""Fitting: what may be seen, what is refused, what is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from include.errors import BadInput
from include.training import algorithms
from include.training.features import admissible
from include.training.fit import fit
from include.training.matrix import matrix
from include.training.probe import scrambled
from include.training.target import classes, target, truth

pytestmark = pytest.mark.steps


def with_column(spec, name, **changes):
    parts = spec.model_dump()
    next(column for column in parts["data"]["columns"] if column["name"] == name).update(changes)
    return type(spec).model_validate(parts)


class TestFeatures:
    def test_only_features_of_the_spec(self, toy):
        names = [column.name for column in admissible(toy.spec())]
        assert names == ["income", "years", "owner", "town", "grade"]

    def test_leaky_column_is_refused_even_if_the_spec_calls_it_a_feature(self, toy):
        leaky = with_column(toy.spec(), "late", role="feature")
        with pytest.raises(BadInput, match="leaks") as caught:
            fit(leaky, toy.rows())
        assert "data.columns.late" in str(caught.value)

    @pytest.mark.parametrize("name", ["late", "group", "verdict"])
    def test_columns_asked_for_by_name_are_checked_too(self, toy, name):
        with pytest.raises(BadInput, match=name):
            admissible(toy.spec(), [name])

    def test_unknown_column_names_the_nearest(self, toy):
        with pytest.raises(BadInput, match="income"):
            admissible(toy.spec(), ["incom"])

    def test_date_is_no_feature(self, toy):
        dated = with_column(toy.spec(), "income", type="date")
        with pytest.raises(BadInput, match="a date is no feature"):
            admissible(dated)

    def test_no_feature_at_all(self, toy):
        with pytest.raises(BadInput, match="no feature"):
            admissible(toy.spec(), [])

    def test_the_model_never_looks_at_anything_else(self, toy):
        model, rows = fit(toy.spec(), toy.rows()).model, toy.rows()
        others = rows.assign(late=1e9, group="z", verdict=0)
        assert np.array_equal(model.predict(rows).scores, model.predict(others).scores)


class TestBadInput:
    def test_no_rows(self, toy):
        with pytest.raises(BadInput, match="no rows"):
            fit(toy.spec(), toy.rows().head(0))

    def test_one_class(self, toy):
        with pytest.raises(BadInput, match="only one class"):
            fit(toy.spec(), toy.rows().assign(verdict=1))

    def test_three_classes(self, toy):
        rows = toy.rows()
        with pytest.raises(BadInput, match="two classes"):
            fit(toy.spec(), rows.assign(verdict=np.arange(len(rows)) % 3))

    def test_fraction_as_label(self, toy):
        with pytest.raises(BadInput, match="whole number"):
            fit(toy.spec(), toy.rows().assign(verdict=0.5))

    def test_missing_target(self, toy):
        rows = toy.rows()
        rows.loc[rows.index[0], "verdict"] = pd.NA
        with pytest.raises(BadInput, match="without a target"):
            fit(toy.spec(), rows)

    def test_no_target_column(self, toy):
        with pytest.raises(BadInput, match="target column is missing"):
            fit(toy.spec(), toy.rows().drop(columns="verdict"))

    @pytest.mark.parametrize("value", [np.inf, -np.inf])
    def test_infinite_target(self, toy, value):
        with pytest.raises(BadInput, match="infinite"):
            fit(toy.regression(), toy.rows().assign(verdict=value))

    def test_infinite_feature(self, toy):
        rows = toy.rows()
        rows.iloc[0, rows.columns.get_loc("income")] = np.inf
        with pytest.raises(BadInput, match="infinite number in a feature"):
            fit(toy.spec(), rows)

    def test_feature_without_any_value(self, toy):
        with pytest.raises(BadInput, match=r"data\.columns\.town"):
            fit(toy.spec(), toy.rows().assign(town=None))

    def test_text_where_numbers_belong(self, toy):
        with pytest.raises(BadInput, match="not of type number"):
            fit(toy.spec(), toy.rows().assign(income="many"))

    def test_missing_feature_column(self, toy):
        with pytest.raises(BadInput, match="income"):
            fit(toy.spec(), toy.rows().drop(columns="income"))

    def test_unknown_algorithm_names_the_nearest(self, toy):
        with pytest.raises(BadInput, match="logistic"):
            algorithms.recipe(toy.spec(training={"candidates": ["logistik"]}))

    def test_algorithm_of_the_other_task(self, toy):
        with pytest.raises(BadInput, match="Name one of: logistic"):
            algorithms.recipe(toy.spec(training={"candidates": ["ridge"]}))


class TestLeftOut:
    def test_constant_feature_is_left_out_and_said(self, toy):
        fitted = fit(toy.spec(), toy.rows().assign(town="Ames", income=1.0))
        assert fitted.dropped == ("income", "town")
        assert "income does not vary in training and was left out" in fitted.notes

    def test_requests_still_carry_it(self, toy):
        fitted = fit(toy.spec(), toy.rows().assign(income=1.0))
        assert "income" in {column.name for column in fitted.model.features}
        moved = fitted.model.predict(toy.rows().assign(income=5.0)).scores
        assert np.array_equal(moved, fitted.model.predict(toy.rows().assign(income=-5.0)).scores)

    def test_nothing_varies(self, toy):
        row = toy.rows().iloc[[0, 0]].assign(verdict=[0, 1])
        with pytest.raises(BadInput, match="no feature varies"):
            fit(toy.spec(), row)

    def test_not_converging_is_said(self, toy):
        spec = toy.spec(
            training={"candidates": ["logistic"], "parameters": {"logistic": {"max_iter": 1}}}
        )
        assert any("did not converge" in note for note in fit(spec, toy.rows()).notes)

    def test_labels_that_contradict_each_other_end_the_solver_of_support_vectors(self, toy):
        wild = {"svm": {"kernel": "poly", "C": 30.0, "gamma": 10.0}}
        spec = toy.spec(training={"candidates": ["svm"], "parameters": wild})
        labels = np.random.default_rng(5).integers(0, 2, 240)
        notes = fit(spec, toy.rows().assign(verdict=labels)).notes
        assert any("terminated early (max_iter=200000)" in note for note in notes)


class TestTarget:
    def test_positive_class_is_the_last_allowed(self, toy):
        spec = with_column(toy.spec(), "verdict", allowed=(1, 0))
        assert classes(target(toy.rows(), spec), spec.data.target).positive == 0

    def test_positive_class_is_else_the_greater(self, toy):
        spec = toy.spec()
        assert classes(target(toy.rows(), spec), spec.data.target).positive == 1

    def test_text_labels(self, toy):
        spec = with_column(toy.spec(), "verdict", type="category", allowed=("yes", "no"))
        words = toy.rows()["verdict"].map({0: "no", 1: "yes"})
        fitted = fit(spec, toy.rows().assign(verdict=words))
        assert fitted.model.classes.positive == "no"
        said = fitted.model.predict(toy.rows())
        assert set(said.values) == {"yes", "no"}
        assert ((said.scores >= 0.5) == (said.values == "no")).all()

    def test_truth_is_one_for_the_positive_class(self, toy):
        spec = with_column(toy.spec(), "verdict", allowed=(1, 0))
        found = classes(target(toy.rows(), spec), spec.data.target)
        assert (truth(toy.rows(), spec, found) == 1 - toy.rows()["verdict"].astype(float)).all()


class TestMatrix:
    def test_types(self, toy):
        table = matrix(toy.rows(), toy.spec().data.features)
        kinds = {name: str(kind) for name, kind in table.dtypes.items()}
        assert kinds == {
            "income": "float64",
            "years": "float64",
            "owner": "float64",
            "town": "object",
            "grade": "object",
        }

    @pytest.mark.parametrize("values", [[1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"]])
    def test_a_category_means_the_same_however_it_was_read(self, toy, values):
        rows = toy.rows().head(3).assign(grade=values)
        assert list(matrix(rows, toy.spec().data.features)["grade"]) == ["1", "2", "3"]

    def test_unknown_category_counts_as_none(self, toy):
        model = fit(toy.spec(), toy.rows()).model
        rows = toy.rows().head(2)
        known = model.predict(rows.assign(town="Ames")).scores
        strange = model.predict(rows.assign(town="Oslo")).scores
        assert not np.array_equal(known, strange)
        assert np.array_equal(strange, model.predict(rows.assign(town="Rome")).scores)

    def test_vocabulary_is_what_was_seen(self, toy):
        seen = fit(toy.spec(), toy.rows()).model.vocabulary()
        assert seen == {"town": ("Ames", "Bath", "Cork"), "grade": ("1", "2", "3")}


class TestProbe:
    def test_packaged_rows_are_put_together_from_several(self, toy):
        features = toy.spec().data.features
        source = toy.rows().sort_index()
        made_up = scrambled(toy.rows(), features)
        assert len(made_up) == 8
        assert list(made_up["income"]) == list(source["income"].iloc[:8])
        assert list(made_up["grade"]) == list(source["grade"].iloc[4:12])

    def test_works_on_fewer_rows_than_it_wants(self, toy):
        features = toy.spec().data.features
        assert len(scrambled(toy.rows(3), features)) == 3
