"""An estimator fitted on a sample of the rows, for methods whose cost grows with their square."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone

if TYPE_CHECKING:
    from typing import Self


class _Sampled(BaseEstimator):
    """Fits a copy of ``estimator`` on at most ``rows`` rows, drawn without replacement.

    Attributes:
        estimator_: The fitted copy.
        sampled_rows_: Rows it was fitted on.
    """

    def __init__(self, estimator: BaseEstimator, rows: int = 3000, seed: int = 0) -> None:
        self.estimator = estimator
        self.rows = rows
        self.seed = seed

    def _fit(self, X: np.ndarray, y: np.ndarray, strata: np.ndarray) -> Self:  # noqa: N803
        chosen = _sample(strata, self.rows, self.seed)
        self.sampled_rows_ = len(chosen)
        self.estimator_ = clone(self.estimator).fit(X[chosen], y[chosen])
        return self


class SampledClassifier(ClassifierMixin, _Sampled):
    """Keeps the shares of the classes in the sample."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803
        """Fit on a sample of the rows."""
        self._fit(X, y, y)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return a label for each row."""
        return np.asarray(self.estimator_.predict(X))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return the probability of each class, shape (n, classes)."""
        return np.asarray(self.estimator_.predict_proba(X))


class SampledRegressor(RegressorMixin, _Sampled):
    """Samples all rows alike."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803
        """Fit on a sample of the rows."""
        return self._fit(X, y, np.zeros(len(y)))

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return a number for each row."""
        return np.asarray(self.estimator_.predict(X))


def _sample(strata: np.ndarray, rows: int, seed: int) -> np.ndarray:
    """Return sorted places of a sample; each stratum keeps its share and never vanishes."""
    if len(strata) <= rows:
        return np.arange(len(strata))
    generator = np.random.default_rng(seed)
    parts = []
    for value in np.unique(strata):
        places = np.flatnonzero(strata == value)
        count = min(len(places), max(2, round(rows * len(places) / len(strata))))
        parts.append(generator.choice(places, size=count, replace=False))
    return np.sort(np.concatenate(parts))
