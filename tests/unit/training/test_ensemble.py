"""Ensembles learn from held-out predictions: a model that knows its rows by heart gains nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from include.errors import BadInput
from include.training import algorithms
from include.training.algorithm import Recipe
from include.training.ensemble import (
    Ensemble,
    Weights,
    blended,
    ensembles,
    stacking,
    voting,
)
from include.training.estimators.blend import combined
from include.training.fit import fit
from include.training.preprocessing import preprocessing
from include.training.scoring import held_out, tables

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


class Memoriser:
    """Knows each row that it was fitted on, and nothing else: its labels are noise here."""

    name = "memoriser"

    def build(self, recipe, features):
        del recipe
        model = KNeighborsClassifier(1)
        return Pipeline([("preprocessing", preprocessing(features)), ("model", model)])


@pytest.fixture
def memoriser(monkeypatch):
    monkeypatch.setitem(algorithms.ALGORITHMS, "memoriser", Memoriser())
    monkeypatch.setattr(Memoriser, "tasks", ("classification",), raising=False)
    return "memoriser"


@pytest.fixture
def field(toy, ground):
    return ground(toy.spec(), toy.rows(600))


def said_of(field, name, spec):
    recipe = Recipe(name, spec.task, {}, 1)
    said = np.full(len(field.rows.table), np.nan)
    parts = tables(field.rows, recipe, field.folds)
    for fold, part in zip(
        field.folds, held_out(field.rows, recipe, parts, field.score), strict=True
    ):
        said[fold.held_out] = part.said
    return said


class TestLeakage:
    def test_memorising_member_gains_nothing(self, memoriser, field, toy):
        honest, heart = (said_of(field, name, toy.spec()) for name in ("logistic", memoriser))
        said = np.column_stack([honest, heart])
        truth = field.rows.truth
        alone = np.mean([
            field.score.compute(truth[fold.held_out], honest[fold.held_out]) for fold in field.folds
        ])
        for one in ensembles(said, field):
            assert abs(one.weights.values[1]) < 0.35 * abs(one.weights.values[0]), one.name
            assert np.mean(one.scores) < alone + 0.02

    def test_what_it_says_of_its_own_rows_would_have_won(self, memoriser, field, toy):
        """The control: learned from rows that members saw, both ways would trust the memory."""
        recipe = Recipe(memoriser, toy.spec().task, {}, 1)
        heart = fit(toy.spec(), field.rows.frame, recipe).model.predict(field.rows.frame).scores
        honest = fit(toy.spec(), field.rows.frame).model.predict(field.rows.frame).scores
        said = np.column_stack([honest, heart])
        assert np.array_equal(heart, field.rows.truth)
        for learn in (voting, stacking):
            weights = learn(said, field.rows.truth, field)
            assert weights.values[1] > 0.3 * weights.values.sum()
            assert field.score.compute(field.rows.truth, weights.apply(said)) == 1.0

    def test_later_folds_teach_nothing_where_rows_are_dated(self, dated, toy, ground):
        spec, frame = dated(toy.regression())
        field = ground(spec, frame)
        said = np.random.default_rng(1).normal(size=(len(frame), 2))
        said[: field.folds[0].held_out[0]] = np.nan
        before = [one.scores for one in ensembles(said, field)]
        later = said.copy()
        later[field.folds[-1].held_out] += 100.0
        after = [one.scores for one in ensembles(later, field)]
        assert all(scores[0] is None for scores in before)
        assert [scores[1:-1] for scores in before] == [scores[1:-1] for scores in after]
        assert before != after

    def test_own_fold_teaches_nothing(self, field):
        said = np.random.default_rng(3).random((len(field.rows.table), 2))
        own = field.folds[2].held_out
        said[own, 1] = np.clip(field.rows.truth[own], 0.01, 0.99)
        others = np.setdiff1d(np.arange(len(said)), own)
        for learn, one in zip((voting, stacking), ensembles(said, field), strict=True):
            weights = learn(said[others], field.rows.truth[others], field)
            wanted = field.score.compute(field.rows.truth[own], weights.apply(said[own]))
            assert one.scores[2] == pytest.approx(wanted)


class TestBlend:
    def test_weights_of_a_vote_sum_to_one(self, field, toy):
        said = np.column_stack([said_of(field, name, toy.spec()) for name in ("logistic", "svm")])
        assert voting(said, field.rows.truth, field).values.sum() == pytest.approx(1.0)

    @pytest.mark.parametrize("allowed", [(0, 1), (1, 0)])
    @pytest.mark.parametrize("is_logit", [False, True])
    def test_model_answers_as_the_weights_say(self, toy, allowed, is_logit):
        parts = toy.spec().model_dump(mode="json")
        column = next(c for c in parts["data"]["columns"] if c["name"] == "verdict")
        column["allowed"] = allowed
        spec = type(toy.spec()).model_validate(parts)
        models = [
            fit(spec, toy.rows(), algorithms.recipe(spec, n)).model for n in ("logistic", "svm")
        ]
        weights = np.array([0.7, 0.3])
        shift = 0.4 if is_logit else 0.0
        made = blended(Ensemble("any", Weights(weights, shift, is_logit), ()), models)
        rows = toy.rows(40, seed=9)
        said = np.column_stack([model.predict(rows).scores for model in models])
        wanted = combined(said, weights, shift, is_logit=is_logit)
        assert np.allclose(made.predict(rows).scores, wanted)
        assert made.classes.positive == allowed[1]

    def test_members_without_weight_are_left_out(self, toy):
        spec = toy.regression()
        models = [fit(spec, toy.rows(), algorithms.recipe(spec, n)).model for n in ("ridge", "svm")]
        made = blended(Ensemble("any", Weights(np.array([1.0, 0.0])), ()), models)
        assert len(made.pipeline.named_steps["model"].members_) == 1
        assert made.vocabulary() == models[0].vocabulary()

    def test_one_member_is_no_ensemble(self, field):
        with pytest.raises(BadInput, match="two members"):
            ensembles(np.zeros((len(field.rows.table), 1)), field)

    def test_members_of_other_rows_are_refused(self, field):
        said = np.full((len(field.rows.table), 2), 0.5)
        said[3, 1] = np.nan
        with pytest.raises(BadInput, match="other rows"):
            ensembles(said, field)
