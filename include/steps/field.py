"""What all candidates of a training are measured on: rows, folds, score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.estimates import chosen
from include.steps.rows import rows
from include.training.fit import prepare
from include.training.folds import folds
from include.training.search import Field

if TYPE_CHECKING:
    from include.steps.context import StepContext


def field(context: StepContext) -> Field:
    """Return rows, folds and score; the same data and spec give the same.

    The score is the spec's leading metric. The test window is not among the rows.

    Raises:
        BadInput: the rows cannot be trained on, or cannot be parted.
    """
    spec = context.spec
    prepared = prepare(spec, rows(context).train)
    leading = chosen(spec)[0]
    return Field(prepared, folds(spec, prepared), leading, is_dated=spec.split.kind == "time")
