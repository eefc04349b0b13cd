"""Searching: budgets, kills, failing trials, and the same answer again."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import optuna
import pytest
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend

from include.errors import BadInput
from include.training import algorithms
from include.training.candidate import compete
from include.training.search import Budget, search
from include.training.study import NAME

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def spec(toy):
    parameters = {"logistic": {"max_iter": 60}}
    return toy.spec(training={"candidates": ["logistic"], "folds": 2, "parameters": parameters})


@pytest.fixture
def field(spec, toy, ground):
    return ground(spec, toy.rows(60))


@pytest.fixture
def start(spec):
    return algorithms.recipe(spec)


def ticking(step):
    """Return a clock that goes on by ``step`` seconds whenever it is asked."""
    counter = itertools.count()
    return lambda: next(counter) * step


class Dying:
    """A score that kills the process, as it were, when it is asked for the n-th time."""

    name, is_higher_better = "auc", True

    def __init__(self, score, after):
        self.score, self.after, self.asked = score, after, 0

    def compute(self, y, s):
        self.asked += 1
        if self.asked > self.after:
            raise KeyboardInterrupt
        return self.score.compute(y, s)


def same(one, two):
    return [(t.parameters, t.score) for t in one.trials] == [
        (t.parameters, t.score) for t in two.trials
    ]


class TestSearch:
    def test_first_trial_is_the_defaults(self, start, field):
        found = search(start, field, Budget(3, 60), InMemoryStorage())
        assert found.trials[0].parameters == {"C": 1.0, "l1_ratio": 0.0}
        assert [trial.number for trial in found.trials] == [0, 1, 2]
        assert not found.truncated

    def test_best_trial_wins(self, start, field):
        found = search(start, field, Budget(6, 60), InMemoryStorage())
        complete = [t for t in found.trials if t.state == "complete"]
        best = max(complete, key=lambda trial: trial.score)
        assert {name: found.recipe.parameters[name] for name in ("C", "l1_ratio")} == dict(
            best.parameters
        )
        assert np.mean([part.score for part in found.held_out]) == pytest.approx(best.score)

    def test_given_parameters_are_not_searched(self, toy, ground):
        given = {"logistic": {"C": 0.25}}
        spec = toy.spec(training={"candidates": ["logistic"], "parameters": given})
        found = search(
            algorithms.recipe(spec), ground(spec, toy.rows()), Budget(3, 60), InMemoryStorage()
        )
        assert found.recipe.parameters["C"] == 0.25
        assert all(set(trial.parameters) == {"l1_ratio"} for trial in found.trials)
        assert len({trial.parameters["l1_ratio"] for trial in found.trials}) == 3

    def test_exhausted_choices_end_the_search_and_are_not_truncated(self, toy, ground):
        given = {"logistic": {"C": 0.25}}
        spec = toy.spec(training={"candidates": ["logistic"], "parameters": given})
        found = search(
            algorithms.recipe(spec), ground(spec, toy.rows()), Budget(9, 60), InMemoryStorage()
        )
        assert len(found.trials) == 3
        assert not found.truncated

    def test_searching_twice_finds_the_same(self, start, field):
        pair = [search(start, field, Budget(6, 60), InMemoryStorage()) for _ in range(2)]
        assert same(*pair)

    def test_another_seed_tries_something_else(self, start, field):
        other = replace(start, seed=start.seed + 1)
        one, two = (search(s, field, Budget(4, 60), InMemoryStorage()) for s in (start, other))
        assert not same(one, two)

    def test_other_algorithms_in_the_study_change_nothing(self, start, field, toy):
        shared = InMemoryStorage()
        forest = algorithms.recipe(
            toy.spec(training={"candidates": ["forest"], "parameters": {"forest": {"trees": 5}}})
        )
        search(forest, field, Budget(3, 60), shared)
        beside = search(start, field, Budget(6, 60), shared)
        assert same(beside, search(start, field, Budget(6, 60), InMemoryStorage()))
        assert len(optuna.load_study(study_name=NAME, storage=shared).trials) == 9


class TestBudget:
    def test_tiny_budget_gives_the_defaults_and_says_truncated(self, start, field):
        budget = Budget(10, 0.001, clock=ticking(1.0))
        found = search(start, field, budget, InMemoryStorage())
        assert [trial.parameters["C"] for trial in found.trials] == [1.0]
        assert found.truncated

    def test_trial_that_runs_out_of_time_counts_as_never_begun(self, start, field):
        # A trial asks the clock five times: two seconds are enough for one, and half of another.
        found = search(start, field, Budget(10, 6.0, clock=ticking(1.0)), InMemoryStorage())
        assert found.truncated
        assert all(trial.state in {"complete", "pruned"} for trial in found.trials)

    def test_no_knobs_is_one_trial(self, spec, field):
        baseline = algorithms.recipe(spec, "baseline")
        found = search(baseline, field, Budget(10, 60), InMemoryStorage())
        assert len(found.trials) == 1
        assert not found.truncated


class TestKills:
    @pytest.mark.parametrize("after", [1, 4, 7])
    def test_killed_search_goes_on_as_if_nothing_had_been(self, start, field, tmp_path, after):
        whole = search(start, field, Budget(4, 60), InMemoryStorage())
        path = str(tmp_path / "journal")
        dying = replace(field, score=Dying(field.score, after))
        with pytest.raises(KeyboardInterrupt):
            search(start, dying, Budget(4, 60), JournalStorage(JournalFileBackend(path)))
        again = search(start, field, Budget(4, 60), JournalStorage(JournalFileBackend(path)))
        assert same(again, whole)
        assert len({str(trial.parameters) for trial in again.trials}) == 4

    def test_finished_search_is_not_repeated(self, start, field, tmp_path):
        path = str(tmp_path / "journal")
        search(start, field, Budget(3, 60), JournalStorage(JournalFileBackend(path)))
        dying = replace(field, score=Dying(field.score, len(field.folds)))
        search(start, dying, Budget(3, 60), JournalStorage(JournalFileBackend(path)))
        assert dying.score.asked <= len(field.folds)

    def test_more_trials_go_on_from_there(self, start, field, tmp_path):
        path = str(tmp_path / "journal")
        search(start, field, Budget(3, 60), JournalStorage(JournalFileBackend(path)))
        more = search(start, field, Budget(6, 60), JournalStorage(JournalFileBackend(path)))
        assert same(more, search(start, field, Budget(6, 60), InMemoryStorage()))


class Failing:
    """A score that is not defined on some of the times it is asked for."""

    name, is_higher_better = "auc", True

    def __init__(self, score, turns):
        self.score, self.turns, self.asked = score, turns, 0

    def compute(self, y, s):
        self.asked += 1
        return float("nan") if self.asked in self.turns else self.score.compute(y, s)


class TestFailures:
    def test_failing_trial_is_written_down_and_the_next_one_tried(self, start, field):
        failing = replace(field, score=Failing(field.score, {4}))
        found = search(start, failing, Budget(4, 60), InMemoryStorage())
        assert [trial.state for trial in found.trials][:2] == ["complete", "fail"]
        assert "not defined" in found.trials[1].note
        assert len(found.trials) == 4

    def test_nothing_but_failures_is_refused_with_the_last_reason(self, start, field):
        failing = replace(field, score=Failing(field.score, set(range(1000))))
        with pytest.raises(BadInput, match="every trial of logistic failed") as caught:
            search(start, failing, Budget(3, 60), InMemoryStorage())
        assert "not defined" in str(caught.value)


class TestCandidate:
    def test_held_out_scores_are_of_rows_never_seen(self, start, field):
        made = compete(start, field, Budget(2, 60), InMemoryStorage())
        assert np.isfinite(made.said).all()
        inside = made.fitted.model.predict(field.rows.frame).scores
        assert not np.allclose(inside, made.said)
        assert made.latency > 0
        assert made.importances == ()

    def test_forest_says_what_its_columns_are_worth(self, toy, ground):
        parameters = {"forest": {"trees": 30}}
        spec = toy.spec(training={"candidates": ["forest"], "parameters": parameters})
        field = ground(spec, toy.rows())
        made = compete(algorithms.recipe(spec), field, Budget(1, 60), InMemoryStorage())
        worth = {one.column: one for one in made.importances}
        assert set(worth) == {column.name for column in spec.data.features}
        assert sum(one.impurity for one in made.importances) == pytest.approx(1.0)
        assert made.importances[0].column == "income"
        assert worth["income"].permutation > 0.1 > abs(worth["owner"].permutation)

    def test_sampled_rows_are_said(self, toy, ground):
        spec = toy.spec(training={"candidates": ["svm"], "parameters": {"svm": {"rows": 50}}})
        field = ground(spec, toy.rows())
        made = compete(algorithms.recipe(spec), field, Budget(1, 60), InMemoryStorage())
        assert "fitted on 50 sampled rows of 240" in made.fitted.notes

    def test_a_group_without_rows_is_no_obstacle(self, toy, ground):
        spec = toy.spec(training={"candidates": ["logistic"]})
        field = ground(spec, toy.rows().assign(group="a"))
        assert compete(algorithms.recipe(spec), field, Budget(1, 60), InMemoryStorage()).scores

    def test_a_column_that_is_empty_in_a_fold_is_no_obstacle(self, dated, toy, ground):
        spec, frame = dated(toy.regression(training={"candidates": ["ridge"]}))
        frame["years"] = frame["years"].where(
            frame["day"] > frame["day"].min() + np.timedelta64(6, "D")
        )
        field = ground(spec, frame)
        for name in ("ridge", "forest", "xgboost"):
            recipe = algorithms.recipe(spec, name)
            assert np.isfinite(
                compete(recipe, field, Budget(1, 60), InMemoryStorage()).scores
            ).all()

    def test_last_week_is_a_baseline(self, toy, ground):
        parameters = {"baseline": {"column": "income"}}
        spec = toy.regression(training={"candidates": ["ridge"], "parameters": parameters})
        field = ground(spec, toy.rows())
        recipe = algorithms.recipe(spec, "baseline")
        made = compete(recipe, field, Budget(1, 60), InMemoryStorage())
        assert np.allclose(made.said, field.rows.table["income"])

    def test_a_baseline_of_no_feature_is_refused(self, toy):
        parameters = {"baseline": {"column": "late"}}
        spec = toy.regression(training={"candidates": ["ridge"], "parameters": parameters})
        recipe = algorithms.recipe(spec, "baseline")
        with pytest.raises(BadInput, match="no such feature"):
            algorithms.ALGORITHMS["baseline"].build(recipe, spec.data.features)
