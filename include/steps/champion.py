"""The live version, as a step is told of it by its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import BadInput
from include.evaluation.comparison import Answers, differences
from include.evaluation.estimates import chosen
from include.evaluation.records import Comparison
from include.serving.package import verify
from include.training import stored

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from include.steps.context import StepContext

CHAMPION = "champion"


def comparison(
    context: StepContext, test: pd.DataFrame, actual: np.ndarray, said: np.ndarray
) -> Comparison:
    """Return the candidate beside the champion that the options name, on the test window.

    Args:
        context: The step; option `champion` is the live version and its package's URI, parted by
            a space; empty or missing while nothing is live.
        test: Rows of the window, shape (n, columns).
        actual: What happened, shape (n,).
        said: Scores of the candidate, shape (n,).

    Raises:
        BadInput: The package lies outside the store, or its model cannot answer these rows.
        PackageTampered: The package is not the one that its name says.
    """
    version, _, uri = context.options.get(CHAMPION, "").rstrip("/").partition(" ")
    if not uri:
        return Comparison(version="", rows=len(test), differences=())
    home = f"{context.root}/packages/"
    if not uri.startswith(home) or ".." in uri:
        raise BadInput("not a package of this store", where=CHAMPION, value=uri, remedy=home)
    folder = context.scratch / "champion"
    folder.mkdir()
    context.store.fetch(uri, folder)
    verify(folder, expected=uri.removeprefix(home))
    champion, _ = stored.read(folder)
    answers = Answers(actual, said, champion.predict(test).scores)
    return Comparison(
        version=version,
        rows=len(test),
        differences=differences(context.spec, answers, chosen(context.spec)),
    )
