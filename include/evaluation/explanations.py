"""What a model goes by: SHAP values of the raw features, over rows of the test window.

Model-agnostic, on the score that people see: Shapley values of the game in which the features not
in the coalition are drawn from background rows (interventional; Lundberg and Lee 2017). Up to
``EXACT`` features all coalitions are asked, above it ``PERMUTATIONS`` random orders, each there
and back (Štrumbelj and Kononenko 2014); either way a row's values add up to its score.

The background is given whole: the library's default would silently cut it to 100 rows. Values are
handed over as numbers of their place in a table, because its masker takes numbers for equal that
are only close, and knows neither text nor missing values.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from include.evaluation.records import Attribution, Explanation
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Scores = Callable[[pd.DataFrame], np.ndarray]

EXACT = 7
PERMUTATIONS = 4
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Question:
    """What is explained.

    Attributes:
        scores: Scores of a table of features, shape (n,).
        background: Training rows of features that stand for `not known`, shape (b, features).
        rows: Test rows of features, in the same columns, shape (n, features); at least one.
        said: What the model said of these rows, asked by itself, shape (n,).
        output: What a score is, for people.
    """

    scores: Scores
    background: pd.DataFrame
    rows: pd.DataFrame
    said: np.ndarray
    output: str


@dataclass(frozen=True)
class _Coded:
    """Both tables with each value as its place in its column's list of values."""

    values: dict[str, np.ndarray]
    background: np.ndarray
    rows: np.ndarray
    columns: list[str]

    def decode(self, codes: np.ndarray) -> pd.DataFrame:
        """Return rows of codes, shape (n, features), as the table that they stand for."""
        places = codes.astype(np.intp)
        columns = zip(self.values.items(), places.T, strict=True)
        return pd.DataFrame({name: values[column] for (name, values), column in columns})[
            self.columns
        ]


def explain(question: Question, seed: int) -> Explanation:
    """Return the mean absolute SHAP value of each feature, the greatest first.

    Where a row's values do not add up to what the model said of it (by more than ``TOLERANCE`` of
    the greatest score), the explanation is an `error` and ranks nothing.
    """
    coded = _code(question.background, question.rows)
    is_exact = len(coded.columns) <= EXACT
    base, values = _shap(question.scores, coded, seed, is_exact=is_exact)
    residual = _residual(base, values, question.said)
    holds = bool(residual <= TOLERANCE)  # NaN does not
    orders = f"permutations ({PERMUTATIONS} orders, there and back)"
    return Explanation(
        verdict=Verdict.PASS if holds else Verdict.ERROR,
        method="exact" if is_exact else orders,
        output=question.output,
        rows=len(question.rows),
        background=len(question.background),
        seed=seed,
        base=float(base.mean()) if holds else None,
        residual=residual if np.isfinite(residual) else None,
        features=_ranked(coded, values) if holds else (),
    )


def sample(frame: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most ``most`` rows, drawn without replacement, in the frame's order."""
    if len(frame) <= most:
        return frame
    places = np.random.default_rng(seed).choice(len(frame), most, replace=False)
    return frame.iloc[np.sort(places)]


def _code(background: pd.DataFrame, rows: pd.DataFrame) -> _Coded:
    """Code the columns, by their names: the order they come in makes no difference."""
    both = pd.concat([background, rows], ignore_index=True)
    values: dict[str, np.ndarray] = {}
    codes = []
    for name in sorted(both.columns):
        places, known = pd.factorize(both[name].to_numpy(), use_na_sentinel=False)
        values[name] = np.asarray(known, dtype=both[name].dtype)
        codes.append(places)
    table = np.column_stack(codes).astype("float64")
    count = len(background)
    return _Coded(values, table[:count], table[count:], [*rows.columns])


def _shap(
    scores: Scores, coded: _Coded, seed: int, *, is_exact: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return base values, shape (n,), and SHAP values, shape (n, features), by sorted name."""
    # Read at its import, which costs seconds: only a model that has been measured pays.
    import shap  # noqa: PLC0415

    masker = shap.maskers.Independent(coded.background, max_samples=len(coded.background))

    def asked(codes: np.ndarray) -> np.ndarray:
        return scores(coded.decode(codes))

    with _legacy_state():
        if is_exact:
            found = shap.explainers.Exact(asked, masker)(coded.rows, silent=True)
        else:
            most = PERMUTATIONS * (2 * len(coded.columns) + 1)
            explainer = shap.explainers.Permutation(asked, masker, seed=seed)
            found = explainer(coded.rows, max_evals=most, silent=True)
    base = np.broadcast_to(found.base_values, len(coded.rows))
    return base, np.asarray(found.values, dtype="float64")


@contextmanager
def _legacy_state() -> Iterator[None]:
    """Give NumPy's global generator, which the library seeds, its state back."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


def _residual(base: np.ndarray, values: np.ndarray, said: np.ndarray) -> float:
    distance = float(np.abs(base + values.sum(axis=1) - said).max())
    greatest = max(float(np.abs(said).max()), float(np.abs(base).max()))
    return distance / greatest if greatest else distance


def _ranked(coded: _Coded, values: np.ndarray) -> tuple[Attribution, ...]:
    sizes = np.abs(values)
    count = len(sizes)
    errors = sizes.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else [None] * sizes.shape[1]
    found = [
        Attribution(column=name, size=float(size), error=None if error is None else float(error))
        for name, size, error in zip(coded.values, sizes.mean(axis=0), errors, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.size, one.column)))
