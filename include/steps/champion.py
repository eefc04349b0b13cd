"""The candidate beside the live version that a step is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.comparison import Answers, differences
from include.evaluation.estimates import chosen
from include.evaluation.records import Comparison
from include.steps.live import live
from include.training import stored

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from include.steps.context import StepContext


def comparison(
    context: StepContext, test: pd.DataFrame, actual: np.ndarray, said: np.ndarray
) -> Comparison:
    """Return the candidate beside the live version that the options name, on the test window.

    Args:
        context: The step; see ``live`` for its option.
        test: Rows of the window, shape (n, columns).
        actual: What happened, shape (n,).
        said: Scores of the candidate, shape (n,).

    Raises:
        BadInput: The package lies outside the store, or its model cannot answer these rows.
        PackageTampered: The package is not the one that its name says.
    """
    found = live(context)
    if found is None:
        return Comparison(version="", rows=len(test), differences=())
    champion, _ = stored.read(found.folder)
    answers = Answers(actual, said, champion.predict(test).scores)
    return Comparison(
        version=found.version,
        rows=len(test),
        differences=differences(context.spec, answers, chosen(context.spec)),
    )
