"""Fitted models combined into one: weighted means (soft voting) and stacking (Wolpert 1992)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from sklearn.pipeline import Pipeline

_SMALLEST = 1e-6


class _Blend(BaseEstimator):
    """Answers with ``intercept + sum(weight * member)``, on the logit scale where ``is_logit``.

    It is made of fitted pipelines and is never fitted itself; each member brings its preprocessing.

    Attributes:
        members_: The fitted pipelines.
        weights_: Weight of each, shape (members,).
        intercept_: Added to the sum.
        is_logit_: Whether probabilities are combined as log odds.
    """

    @classmethod
    def of(
        cls,
        members: Sequence[Pipeline],
        weights: np.ndarray,
        intercept: float = 0.0,
        *,
        is_logit: bool = False,
    ) -> _Blend:
        """Return the blend of fitted pipelines."""
        blend = cls()
        blend.members_ = list(members)
        blend.weights_ = np.asarray(weights, dtype="float64")
        blend.intercept_ = float(intercept)
        blend.is_logit_ = is_logit
        if hasattr(members[0], "classes_"):
            blend.classes_ = np.asarray(members[0].classes_)
        return blend

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> NoReturn:  # noqa: ARG002, N803
        """Refuse: scikit-learn takes nothing for an estimator that has no such method."""
        raise BadInput("a blend is made of fitted models", where=type(self).__name__)

    def __sklearn_is_fitted__(self) -> bool:
        """It is made of fitted members."""
        return hasattr(self, "members_")


class BlendedClassifier(ClassifierMixin, _Blend):
    """Combines the probabilities of the second class."""

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Return a label for each row."""
        return np.asarray(self.classes_[(self.predict_proba(X)[:, 1] >= 0.5).astype(int)])

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Return the probability of each class, shape (n, 2)."""
        said = np.column_stack([member.predict_proba(X)[:, 1] for member in self.members_])
        second = combined(said, self.weights_, self.intercept_, is_logit=self.is_logit_)
        return np.column_stack([1 - second, second])


class BlendedRegressor(RegressorMixin, _Blend):
    """Combines numbers."""

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Return a number for each row."""
        said = np.column_stack([np.asarray(member.predict(X)) for member in self.members_])
        return combined(said, self.weights_, self.intercept_, is_logit=False)


def combined(
    said: np.ndarray, weights: np.ndarray, intercept: float, *, is_logit: bool
) -> np.ndarray:
    """Return the blend of what members say, shape (n, members), as shape (n,)."""
    if not is_logit:
        return said @ weights + intercept
    return 0.5 * (1.0 + np.tanh(0.5 * (logit(said) @ weights + intercept)))


def logit(probabilities: np.ndarray) -> np.ndarray:
    """Return log odds; probabilities are kept off 0 and 1."""
    kept = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
    return np.log(kept / (1 - kept))
