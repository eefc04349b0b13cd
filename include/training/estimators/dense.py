"""A small dense network: Keras fits it, NumPy answers, so that serving needs no TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from include.training.estimators import keras_fit

if TYPE_CHECKING:
    from typing import Self

    from include.training.estimators.keras_fit import Network


class _Dense(BaseEstimator):
    """Hidden layers of rectified units and one output.

    Attributes:
        weights_: Kernel and bias of each layer in turn, ``float64``.
    """

    def __init__(self, network: Network) -> None:
        self.network = network

    def _fit(self, X: np.ndarray, y: np.ndarray, loss: str) -> None:  # noqa: N803
        self.n_features_in_ = X.shape[1]
        self.weights_ = keras_fit.weights(self.network, X, y, loss)

    def _output(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return the output unit before its activation, shape (n,)."""
        values = np.asarray(X, dtype="float64")
        last = len(self.weights_) // 2 - 1
        for layer in range(last + 1):
            values = values @ self.weights_[2 * layer] + self.weights_[2 * layer + 1]
            if layer < last:
                values = np.maximum(values, 0.0)
        return values[:, 0]


class DenseClassifier(ClassifierMixin, _Dense):
    """Two classes, by the log loss."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803
        """Fit on all rows."""
        self.classes_, places = np.unique(y, return_inverse=True)
        self._fit(X, places.astype("float32"), "log_loss")
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return a label for each row."""
        return np.asarray(self.classes_[(self._output(X) >= 0).astype(int)])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return the probability of each class, shape (n, 2)."""
        second = 0.5 * (1.0 + np.tanh(0.5 * self._output(X)))
        return np.column_stack([1 - second, second])


class DenseRegressor(RegressorMixin, _Dense):
    """Numbers, by the squared error of the target at mean 0 and variance 1.

    Attributes:
        center_: Mean of the target.
        scale_: Standard deviation of the target.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803
        """Fit on all rows."""
        self.center_, self.scale_ = float(np.mean(y)), float(np.std(y)) or 1.0
        self._fit(X, ((y - self.center_) / self.scale_).astype("float32"), "squared_error")
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return a number for each row."""
        return self._output(X) * self.scale_ + self.center_
