"""Parts of the training rows that are predicted by models that never saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

from include.data import row_key
from include.errors import BadInput
from include.spec.model import Role

if TYPE_CHECKING:
    from include.spec.model import Spec
    from include.training.fit import Prepared


@dataclass(frozen=True)
class Fold:
    """Places of the rows that are fitted and of those that are held out, sorted."""

    fitted: np.ndarray
    held_out: np.ndarray


def folds(spec: Spec, rows: Prepared) -> tuple[Fold, ...]:
    """Return the folds of a training; the same rows and seed give the same.

    Dated rows: forward chaining. The days are cut into one block more than there are folds; each
    block but the first is predicted from all before it. A classification without dates: k-fold
    within each class; rows that repeat each other stay together. Else: k-fold. A rare class, few
    days or few rows lower the number of folds; two is the least.

    Raises:
        BadInput: there are not enough rows of a class, days or rows for two folds.
    """
    if spec.split.kind == "time":
        made = _in_time(spec, rows)
    elif rows.classes is None:
        made = _plain(spec, rows)
    else:
        made = _within_classes(spec, rows)
    usable = tuple(fold for fold in made if rows.classes is None or _has_classes(fold, rows))
    if not usable:
        remedy = "Give it more data"
        raise BadInput("no fold has both classes on both sides", where="training", remedy=remedy)
    return usable


def _within_classes(spec: Spec, rows: Prepared) -> tuple[Fold, ...]:
    labels, counts = np.unique(rows.labels, return_counts=True)
    rare = int(np.argmin(counts))
    if counts[rare] == 1:
        raise BadInput(
            "a class has one row only: nothing can be held out of it",
            where=spec.data.target.name,
            value=str(labels[rare]),
            remedy="Give it more rows of that class",
        )
    count, seed = min(spec.training.folds, int(counts[rare])), spec.training.seed
    groups = [row_key.base(str(key)) for key in rows.frame.index]
    if len(set(groups)) == len(groups):
        folder = StratifiedKFold(count, shuffle=True, random_state=seed)
        return _made(folder.split(rows.table, rows.labels))
    together = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return _made(together.split(rows.table, rows.labels, groups))


def _plain(spec: Spec, rows: Prepared) -> tuple[Fold, ...]:
    count = min(spec.training.folds, len(rows.table))
    if count < 2:
        raise BadInput("one row cannot be parted into folds", where="training", remedy="More data")
    folder = KFold(count, shuffle=True, random_state=spec.training.seed)
    return _made(folder.split(rows.table))


def _in_time(spec: Spec, rows: Prepared) -> tuple[Fold, ...]:
    days = rows.frame[spec.data.named(Role.TIME)[0].name].dt.normalize().to_numpy()
    distinct = np.unique(days)
    count = min(spec.training.folds, len(distinct) - 1)
    if count < 1:
        remedy = "Give it more data"
        raise BadInput("one day cannot be parted by time", where="training", remedy=remedy)
    blocks = np.array_split(distinct, count + 1)
    return tuple(
        Fold(
            np.flatnonzero(days < block[0]),
            np.flatnonzero((days >= block[0]) & (days <= block[-1])),
        )
        for block in blocks[1:]
    )


def _made(parts: object) -> tuple[Fold, ...]:
    return tuple(Fold(np.sort(one), np.sort(two)) for one, two in parts)  # type: ignore[attr-defined]  # scikit-learn's generators have no types


def _has_classes(fold: Fold, rows: Prepared) -> bool:
    sides = (rows.labels[fold.fitted], rows.labels[fold.held_out])
    return all(len(np.unique(side)) > 1 for side in sides)
