"""Gradient boosted trees by XGBoost (Chen and Guestrin 2016), kept in XGBoost's own UBJSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost as xgb
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

if TYPE_CHECKING:
    from typing import Self

PATIENCE = 30
FEWEST_ROWS = 40
UNSTOPPED_ROUNDS = 100


@dataclass(frozen=True)
class Trees:
    """How trees are boosted; ``rounds`` is the most there may be."""

    learning_rate: float
    depth: int
    min_weight: float
    row_share: float
    column_share: float
    penalty: float
    rounds: int
    is_dated: bool
    seed: int


class _Boosted(BaseEstimator):
    """Finds the number of rounds by early stopping, then fits all rows with that number.

    Early stopping watches a fifth of the rows it is fitted on: the last ones where ``is_dated``
    (the rows are then in order of time), else a random part that keeps the shares of the classes.
    With fewer than ``FEWEST_ROWS`` rows nothing is watched and the number is fixed.

    Attributes:
        ubj_: The booster, in the bytes of XGBoost's UBJSON format.
        rounds_: Rounds of boosting.
    """

    def __init__(self, trees: Trees) -> None:
        self.trees = trees

    def booster(self) -> xgb.Booster:
        """Return the fitted model as XGBoost's own object."""
        if "_booster" not in vars(self):
            self._booster = xgb.Booster()
            self._booster.load_model(bytearray(self.ubj_.tobytes()))
            self._booster.set_param({"nthread": 1})
        return self._booster

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the live booster: ``ubj_`` holds it."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_booster"}

    def _fit(self, X: np.ndarray, y: np.ndarray, objective: tuple[str, str]) -> Self:  # noqa: N803
        self.n_features_in_ = X.shape[1]
        settings = self._settings(objective)
        self.rounds_ = self._rounds(X, y, settings)
        booster = xgb.train(settings, xgb.DMatrix(X, y, nthread=1), self.rounds_)
        self.ubj_ = np.frombuffer(bytes(booster.save_raw("ubj")), dtype="uint8")
        self.__dict__.pop("_booster", None)
        return self

    def _settings(self, objective: tuple[str, str]) -> dict[str, object]:
        return {
            "objective": objective[0],
            "eval_metric": objective[1],
            "eta": self.trees.learning_rate,
            "max_depth": self.trees.depth,
            "min_child_weight": self.trees.min_weight,
            "subsample": self.trees.row_share,
            "colsample_bytree": self.trees.column_share,
            "lambda": self.trees.penalty,
            "tree_method": "hist",
            "nthread": 1,
            "seed": self.trees.seed,
            "verbosity": 0,
        }

    def _rounds(self, X: np.ndarray, y: np.ndarray, settings: dict[str, object]) -> int:  # noqa: N803
        watched = _watched(y, self.trees, has_classes=settings["objective"] == "binary:logistic")
        if not watched.any():
            return min(self.trees.rounds, UNSTOPPED_ROUNDS)
        booster = xgb.train(
            settings,
            xgb.DMatrix(X[~watched], y[~watched], nthread=1),
            self.trees.rounds,
            evals=[(xgb.DMatrix(X[watched], y[watched], nthread=1), "watched")],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
        return int(booster.best_iteration) + 1


class BoostedClassifier(ClassifierMixin, _Boosted):
    """Two classes, by the log loss."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803
        """Fit on all rows."""
        self.classes_, places = np.unique(y, return_inverse=True)
        return self._fit(X, places.astype("float64"), ("binary:logistic", "logloss"))

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return a label for each row."""
        return np.asarray(self.classes_[(self.predict_proba(X)[:, 1] >= 0.5).astype(int)])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return the probability of each class, shape (n, 2)."""
        second = self.booster().inplace_predict(X).astype("float64")
        return np.column_stack([1 - second, second])


class BoostedRegressor(RegressorMixin, _Boosted):
    """Numbers, by the squared error."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:  # noqa: N803
        """Fit on all rows."""
        return self._fit(X, y, ("reg:squarederror", "rmse"))

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return a number for each row."""
        return np.asarray(self.booster().inplace_predict(X), dtype="float64")


def _watched(y: np.ndarray, trees: Trees, *, has_classes: bool) -> np.ndarray:
    """Say of each row whether early stopping watches it, shape (n,); none where rows are few."""
    watched = np.zeros(len(y), dtype=bool)
    if len(y) < FEWEST_ROWS:
        return watched
    if trees.is_dated:
        watched[-(len(y) // 5) :] = True
    else:
        generator = np.random.default_rng(trees.seed)
        for value in np.unique(y) if has_classes else (None,):
            places = np.arange(len(y)) if value is None else np.flatnonzero(y == value)
            watched[generator.permutation(places)[: len(places) // 5]] = True
    if has_classes and len(np.unique(y[~watched])) < len(np.unique(y)):
        watched[:] = False
    return watched
