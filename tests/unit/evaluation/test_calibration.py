"""Calibration: what a calibrated, a too sure and a shifted model look like."""

from __future__ import annotations

import numpy as np
import pytest

from include.evaluation.calibration import calibration, error
from include.spec.evaluation import Intervals
from include.spec.model import Task

pytestmark = pytest.mark.steps
WANTED = Intervals(resamples=100, level=0.95)
DRAW = np.random.default_rng(4)
TRUE = DRAW.uniform(0.05, 0.95, 4000)
HAPPENED = (DRAW.random(4000) < TRUE).astype(float)


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p / (1 - p))


def test_a_calibrated_model_has_slope_one_and_level_zero() -> None:
    found = calibration(Task.CLASSIFICATION, HAPPENED, TRUE, WANTED, 1)
    assert found.slope_lower is not None
    assert found.slope_upper is not None
    assert found.slope_lower < 1 < found.slope_upper
    assert found.level == pytest.approx(0, abs=0.15)
    assert found.error < 0.03
    assert sum(part.rows for part in found.bins) == 4000


def test_a_model_that_is_too_sure_has_a_slope_below_one() -> None:
    too_sure = 1 / (1 + np.exp(-2 * logit(TRUE)))
    found = calibration(Task.CLASSIFICATION, HAPPENED, too_sure, WANTED, 1)
    assert found.slope == pytest.approx(0.5, abs=0.06)
    assert found.error_lower > 0.05


def test_the_error_of_known_bins() -> None:
    """Two bins of 50: said 0.2 and happened 0.4, said 0.8 and happened 0.8."""
    said = np.array([0.2] * 50 + [0.8] * 50)
    happened = np.array([1] * 20 + [0] * 30 + [1] * 40 + [0] * 10, float)
    # ten bins of ten rows: the mean of each half is what counts once they are shuffled evenly
    order = np.concatenate([np.arange(50).reshape(10, 5).T.ravel(), 50 + np.arange(50)])
    shuffled = happened[order]
    assert error(shuffled, said) == pytest.approx(
        np.mean([abs(0.2 - shuffled[i : i + 10].mean()) for i in range(0, 50, 10)]) / 2
        + np.mean([abs(0.8 - shuffled[i : i + 10].mean()) for i in range(50, 100, 10)]) / 2
    )


def test_a_shifted_regression_has_a_level() -> None:
    truth = DRAW.normal(100, 20, 500)
    found = calibration(Task.REGRESSION, truth + 10, truth, WANTED, 1)
    assert found.slope == pytest.approx(1)
    assert found.level == pytest.approx(10)
    assert found.error == pytest.approx(10)


@pytest.mark.parametrize("said", [np.full(60, 0.5), np.linspace(0.1, 0.9, 60)])
def test_what_does_not_vary_has_no_line(said: np.ndarray) -> None:
    happened = np.ones(60) if np.ptp(said) else np.array([0.0, 1.0] * 30)
    assert calibration(Task.CLASSIFICATION, happened, said, WANTED, 1).slope is None


def test_a_perfect_separation_has_no_line() -> None:
    happened = np.array([0.0] * 30 + [1.0] * 30)
    said = np.where(happened == 1, 0.9, 0.1)
    found = calibration(Task.CLASSIFICATION, happened, said, WANTED, 1)
    assert found.slope is None or found.slope > 1
