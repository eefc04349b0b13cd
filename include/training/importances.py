"""What columns are worth to a forest: by impurity and by permutation (Breiman 2001)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field as Described

from include.spec.base import Strict
from include.training.prediction import scored

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from include.training.prediction import Model
    from include.training.search import Field

REPEATS = 3
MOST_ROWS = 2000


class Importance(Strict):
    """What one feature is worth."""

    column: str = Described(description="Name of the feature.")
    impurity: float = Described(description="Share of the impurity that its splits take away.")
    permutation: float = Described(
        description="How much worse the score is on held-out rows when the column is shuffled."
    )


def importances(model: Model, held_out: Pipeline, field: Field) -> tuple[Importance, ...]:
    """Return the importances of a forest, the greatest permutation first; nothing for others.

    Impurity is read off the forest that was fitted on all rows; it flatters columns of many values.
    Permutation asks the forest of the last fold about that fold's rows, which it never saw.
    """
    estimator = model.pipeline.named_steps["model"]
    if not hasattr(estimator, "estimators_"):
        return ()
    impurity = _by_column(model.pipeline, estimator.feature_importances_)
    permuted = _permuted(held_out, field)
    found = [
        Importance(column=name, impurity=impurity.get(name, 0.0), permutation=permuted[name])
        for name in permuted
    ]
    return tuple(sorted(found, key=lambda importance: -importance.permutation))


def _by_column(pipeline: Pipeline, values: np.ndarray) -> dict[str, float]:
    """Add up what the columns of the fitted table are worth, by the feature they come from."""
    names = pipeline.named_steps["preprocessing"]
    total: dict[str, float] = {}
    place = 0
    for _, part, columns in names.transformers_:
        if not hasattr(part, "transform"):
            continue
        origins = [*columns, *_indicated(part, columns)]
        for origin in origins:
            total[origin] = total.get(origin, 0.0) + float(values[place])
            place += 1
    return total


def _indicated(part: object, columns: list[str]) -> list[str]:
    """Return the columns that got a second one, which says what was missing."""
    indicator = getattr(part, "indicator_", None)
    return [] if indicator is None else [columns[place] for place in indicator.features_]


def _permuted(pipeline: Pipeline, field: Field) -> dict[str, float]:
    rows, score = field.rows, field.score
    places = field.folds[-1].held_out[:MOST_ROWS]
    table, truth = rows.table.iloc[places], rows.truth[places]
    sign = 1 if score.is_higher_better else -1
    whole = score.compute(truth, scored(pipeline, table, rows.classes))
    generator = np.random.default_rng(0)
    lost = {}
    for column in rows.used:
        drops = []
        for _ in range(REPEATS):
            order = generator.permutation(len(table))
            # Not `assign`: a column may be called `self`.
            shuffled = table.copy()
            shuffled[column.name] = table[column.name].to_numpy()[order]
            said = scored(pipeline, shuffled, rows.classes)
            drops.append(sign * (whole - score.compute(truth, said)))
        lost[column.name] = float(np.mean(drops))
    return lost
