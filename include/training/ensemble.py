"""Ensembles of finished candidates, made of what they said of rows they had not seen.

Soft voting: a weighted mean, the weights by greedy selection with replacement (Caruana et al.
2004). Stacking (Wolpert 1992): a penalised logistic regression on log odds, or non-negative least
squares for a regression. Both are learned from held-out predictions alone; a model that knows its
training rows by heart gains nothing. Their own score is held out too: what is said of a fold is
weighted by what the other folds taught: the earlier ones, where rows are dated, so that the first
fold has no score then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.optimize import nnls
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from include.errors import BadInput
from include.training.estimators.blend import BlendedClassifier, BlendedRegressor, combined, logit
from include.training.prediction import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.training.search import Field

VOTES = 25
LEAST_WEIGHT = 1e-6


@dataclass(frozen=True)
class Weights:
    """How members are combined; see ``include.training.estimators.blend``."""

    values: np.ndarray
    intercept: float = 0.0
    is_logit: bool = False

    def apply(self, said: np.ndarray) -> np.ndarray:
        """Return the blend of ``said``, shape (n, members), as shape (n,)."""
        return combined(said, self.values, self.intercept, is_logit=self.is_logit)


class Learner(Protocol):
    """Learns weights from ``said``, shape (n, members), and ``truth``, shape (n,)."""

    def __call__(self, said: np.ndarray, truth: np.ndarray, field: Field, /) -> Weights:
        """Return the weights."""


@dataclass(frozen=True)
class Ensemble:
    """One way to combine members: its weights, its held-out score by fold."""

    name: str
    weights: Weights
    scores: tuple[float | None, ...]


def voting(said: np.ndarray, truth: np.ndarray, field: Field) -> Weights:
    """Return the weights of soft voting: ``VOTES`` greedy picks, ties to the first member."""
    sign = 1 if field.score.is_higher_better else -1
    votes = np.zeros(said.shape[1])
    for _ in range(VOTES):
        tries = []
        for member in range(said.shape[1]):
            votes[member] += 1
            tries.append(sign * field.score.compute(truth, said @ (votes / votes.sum())))
            votes[member] -= 1
        votes[int(np.nanargmax(tries))] += 1
    return Weights(votes / votes.sum())


def stacking(said: np.ndarray, truth: np.ndarray, field: Field) -> Weights:
    """Return the weights of stacking."""
    if field.rows.classes is None:
        values, _ = nnls(said, truth)
        return Weights(values if values.any() else np.full(said.shape[1], 1 / said.shape[1]))
    meta = LogisticRegression(C=1.0, max_iter=1000).fit(logit(said), truth)
    return Weights(meta.coef_[0], float(meta.intercept_[0]), is_logit=True)


LEARNERS: dict[str, Learner] = {"voting": voting, "stacking": stacking}


def ensembles(said: np.ndarray, field: Field) -> tuple[Ensemble, ...]:
    """Return every ensemble of members from their held-out predictions.

    Args:
        said: What each member said of each row, shape (rows, members); NaN where a row was never
            held out.
        field: The rows, folds and score that the members were measured on.

    Raises:
        BadInput: fewer than two members, or members that were measured on other rows.
    """
    if said.ndim != 2 or said.shape[1] < 2:
        raise BadInput("an ensemble needs two members", where="ensemble")
    known = np.isfinite(said)
    if len(said) != len(field.rows.table) or (known.any(axis=1) != known.all(axis=1)).any():
        raise BadInput("the members were measured on other rows", where="ensemble")
    rows = np.flatnonzero(known.all(axis=1))
    truth = field.rows.truth
    return tuple(
        Ensemble(name, learn(said[rows], truth[rows], field), _scores(learn, said, field))
        for name, learn in LEARNERS.items()
    )


def blended(ensemble: Ensemble, members: Sequence[Model]) -> Model:
    """Return an ensemble as a model; members without weight are left out.

    Raises:
        BadInput: the members do not answer to the same features and classes.
    """
    first = members[0]
    if any((m.features, m.classes) != (first.features, first.classes) for m in members):
        raise BadInput("the members do not answer the same question", where="ensemble")
    kept = np.flatnonzero(np.abs(ensemble.weights.values) > LEAST_WEIGHT)
    values, intercept = ensemble.weights.values[kept], ensemble.weights.intercept
    kind = BlendedRegressor
    if first.classes is not None:
        kind = BlendedClassifier
        intercept = intercept if _speaks_of_second(first) else -intercept
    pipelines = [members[place].pipeline for place in kept]
    blend = kind.of(pipelines, values, intercept, is_logit=ensemble.weights.is_logit)
    return Model(Pipeline([("model", blend)]), first.features, first.classes)


def _speaks_of_second(model: Model) -> bool:
    """Say whether the positive class is the second of the pipeline: log odds turn their sign."""
    return model.classes is None or model.pipeline.classes_[1] == model.classes.positive


def _scores(learn: Learner, said: np.ndarray, field: Field) -> tuple[float | None, ...]:
    scores: list[float | None] = []
    for place, fold in enumerate(field.folds):
        others = [
            other.held_out
            for turn, other in enumerate(field.folds)
            if turn < place or (turn > place and not field.is_dated)
        ]
        if not others:
            scores.append(None)
            continue
        rows = np.sort(np.concatenate(others))
        weights = learn(said[rows], field.rows.truth[rows], field)
        truth = field.rows.truth[fold.held_out]
        scores.append(float(field.score.compute(truth, weights.apply(said[fold.held_out]))))
    return tuple(scores)
