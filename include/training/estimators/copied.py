"""A prediction that is a column of the rows: last week's value, for example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

if TYPE_CHECKING:
    from typing import Self


class CopiedColumn(RegressorMixin, BaseEstimator):
    """Answers with the first column of what it is given."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: ARG002, N803  (scikit-learn)
        """Learn nothing."""
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return the first column."""
        return np.asarray(X, dtype="float64")[:, 0]
