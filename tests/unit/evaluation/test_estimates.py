"""Metrics, their intervals and the naive baseline beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as reference

from include.errors import BadInput
from include.evaluation.bootstrap import interval, resamples
from include.evaluation.estimates import Outcomes, estimates
from include.evaluation.metrics import METRICS
from include.evaluation.window import UseLog, describe
from include.spec.evaluation import Intervals
from include.store.open import open_store

pytestmark = pytest.mark.steps

REFERENCE = {
    "auc": reference.roc_auc_score,
    "log_loss": reference.log_loss,
    "brier": reference.brier_score_loss,
    "accuracy": lambda y, s: reference.accuracy_score(y, s >= 0.5),
    "rmse": reference.root_mean_squared_error,
    "mae": reference.mean_absolute_error,
    "r2": reference.r2_score,
}
PROBABILITIES = arrays.arrays(float, 12, elements=st.floats(0.001, 0.999))
TRUTH = st.permutations([1.0] * 5 + [0.0] * 7).map(np.array)


class TestMetrics:
    @pytest.mark.parametrize("name", ["auc", "log_loss", "brier", "accuracy"])
    @given(TRUTH, PROBABILITIES)
    def test_classification_agrees_with_scikit_learn(self, name, y, s):
        assert METRICS[name].compute(y, s) == pytest.approx(REFERENCE[name](y, s))

    @pytest.mark.parametrize("name", ["rmse", "mae", "r2"])
    @given(
        arrays.arrays(float, 9, elements=st.floats(-50, 50), unique=True),
        arrays.arrays(float, 9, elements=st.floats(-50, 50)),
    )
    def test_regression_agrees_with_scikit_learn(self, name, y, s):
        assert METRICS[name].compute(y, s) == pytest.approx(REFERENCE[name](y, s))

    def test_undefined_is_nan_and_not_zero(self):
        one = np.ones(3)
        assert np.isnan(METRICS["auc"].compute(one, one))
        assert np.isnan(METRICS["r2"].compute(one, one))


class TestBootstrap:
    def test_same_seed_same_resamples(self):
        first, second = (list(resamples(np.zeros(20), 5, seed=3)) for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))

    def test_no_resample_lacks_a_class(self):
        y = np.array([1] + [0] * 30)
        assert all(y[rows].sum() == 1 for rows in resamples(y, 50, seed=1))

    def test_interval_of_a_mean_covers_it_as_often_as_it_says(self):
        random = np.random.default_rng(11)
        wanted = Intervals(resamples=200, level=0.9)
        hits = 0
        for turn in range(200):
            sample = random.normal(size=60)
            means = np.array([sample[r].mean() for r in resamples(np.zeros(60), 200, turn)])
            lower, upper = interval(means, wanted)
            hits += lower <= 0 <= upper
        assert 0.83 <= hits / 200 <= 0.96


class TestEstimates:
    def outcomes(self, count=80, seed=0):
        random = np.random.default_rng(seed)
        actual = (random.random(count) > 0.4).astype(float)
        said = np.clip(actual * 0.3 + random.random(count) * 0.7, 0, 1)
        return Outcomes(actual, said, 0.6)

    def test_value_lies_in_its_interval_and_rows_are_counted(self, toy):
        for made in estimates(toy.spec(), self.outcomes()).made:
            assert made.lower <= made.value <= made.upper
            assert made.samples == 80

    def test_gain_is_positive_where_better_whichever_way_is_better(self, toy):
        auc, brier = estimates(toy.spec(), self.outcomes()).made
        assert auc.baseline == 0.5
        assert auc.gain > 0
        assert not brier.is_higher_better
        assert brier.gain == pytest.approx(brier.baseline - brier.value)

    def test_repeats_itself(self, toy):
        assert estimates(toy.spec(), self.outcomes()) == estimates(toy.spec(), self.outcomes())

    def test_one_class_leaves_the_auc_undefined(self, toy):
        outcomes = Outcomes(np.ones(20), np.linspace(0.1, 0.9, 20), 0.6)
        found = estimates(toy.spec(), outcomes)
        assert found.undefined == ("auc",)
        assert [made.name for made in found.made] == ["brier"]

    def test_empty_window(self, toy):
        with pytest.raises(BadInput, match="empty"):
            estimates(toy.spec(), Outcomes(np.array([]), np.array([]), 0.5))

    def test_prediction_that_is_no_number(self, toy):
        with pytest.raises(BadInput, match="finite"):
            estimates(toy.spec(), Outcomes(np.ones(2), np.array([0.5, np.nan]), 0.5))

    def test_metric_of_the_other_task_names_the_nearest(self, toy):
        spec = toy.spec(evaluation={"metrics": ["rmse"]})
        with pytest.raises(BadInput, match=r"evaluation\.metrics.*Nearest"):
            estimates(spec, self.outcomes())


class TestWindow:
    def test_digest_is_of_the_rows_in_any_order(self, toy):
        rows = toy.rows(30)
        assert describe(toy.spec(), rows).digest == describe(toy.spec(), rows.iloc[::-1]).digest
        assert describe(toy.spec(), rows).digest != describe(toy.spec(), rows.head(29)).digest

    def test_looks_are_counted_and_a_recompute_is_no_new_look(self, tmp_path):
        log = UseLog(open_store(), f"file://{tmp_path}")
        assert [log.record("w", key) for key in ("one", "two", "one", "three")] == [0, 1, 0, 2]
        assert log.record("other", "one") == 0
