"""Candidate and champion on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from include.evaluation.comparison import Answers, differences
from include.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from include.spec.model import Spec

pytestmark = pytest.mark.steps
DRAW = np.random.default_rng(9)
ACTUAL = (DRAW.random(600) < 0.6).astype(float)
GOOD = np.clip(ACTUAL * 0.4 + 0.3 + DRAW.normal(0, 0.2, 600), 0.01, 0.99)
CHOSEN = (METRICS["auc"], METRICS["brier"])


@pytest.fixture
def spec(toy: Any) -> Spec:
    made: Spec = toy.spec()
    return made


def test_equal_models_differ_by_nothing(spec: Spec) -> None:
    for one in differences(spec, Answers(ACTUAL, GOOD, GOOD), CHOSEN):
        assert (one.gain, one.lower, one.upper) == (0, 0, 0)


def test_a_gain_is_positive_whichever_way_is_better(spec: Spec) -> None:
    poor = np.clip(GOOD + DRAW.normal(0, 0.4, 600), 0.01, 0.99)
    found = differences(spec, Answers(ACTUAL, GOOD, poor), CHOSEN)
    assert [one.metric for one in found] == ["auc", "brier"]
    assert all(one.lower > 0 for one in found)
    back = differences(spec, Answers(ACTUAL, poor, GOOD), CHOSEN)
    assert [one.gain for one in back] == [-one.gain for one in found]


def test_pairing_is_narrower_than_two_samples(spec: Spec) -> None:
    near = np.clip(GOOD + DRAW.normal(0, 0.02, 600), 0.01, 0.99)
    (auc, _) = differences(spec, Answers(ACTUAL, GOOD, near), CHOSEN)
    unpaired = np.std([
        METRICS["auc"].compute(ACTUAL[rows], GOOD[rows])
        for rows in (DRAW.integers(0, 600, 600) for _ in range(100))
    ])
    assert auc.upper - auc.lower < 2 * unpaired


def test_a_metric_that_the_rows_do_not_define_has_no_difference(spec: Spec) -> None:
    ones = np.ones(100)
    found = differences(spec, Answers(ones, GOOD[:100], GOOD[:100]), CHOSEN)
    assert [one.metric for one in found] == ["brier"]
