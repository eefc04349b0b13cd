"""Categories as numbers, for trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

if TYPE_CHECKING:
    from typing import Self

UNKNOWN = -1.0


class CategoryCodes(TransformerMixin, BaseEstimator):
    """Numbers the values of each column from 0, in numeric order where all of them are numbers.

    The order matters to trees: hours 0 to 23 stay neighbours, where one column a value would need
    a split for each. A value not seen in fitting becomes ``UNKNOWN``.

    Attributes:
        categories_: Values of each column in the order of their codes.
    """

    def fit(self, X: np.ndarray, y: object = None) -> Self:  # noqa: ARG002, N803  (scikit-learn)
        """Learn the values of ``X``, shape (n, columns) of text."""
        table = np.asarray(X, dtype=object)
        self.n_features_in_ = table.shape[1]
        self.categories_ = [np.array(_ordered(column), dtype=object) for column in table.T]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return the codes of ``X``, the same shape, ``float64``."""
        table = np.asarray(X, dtype=object)
        codes = np.empty(table.shape, dtype="float64")
        for place, values in enumerate(self.categories_):
            known = {value: float(code) for code, value in enumerate(values)}
            codes[:, place] = [known.get(value, UNKNOWN) for value in table[:, place]]
        return codes


def _ordered(column: np.ndarray) -> list[str]:
    texts = sorted({str(value) for value in column})
    try:
        return sorted(texts, key=lambda text: (float(text.strip("()")), text))
    except ValueError:
        return texts
