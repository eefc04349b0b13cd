"""The explanation of a model on the rows of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.explanations import Question, explain, sample
from include.training.matrix import matrix
from include.training.prediction import scored
from include.training.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from include.evaluation.records import Explanation
    from include.spec.model import Spec
    from include.steps.rows import Rows
    from include.training.prediction import Model


@one_thread()
def explanation(spec: Spec, model: Model, parted: Rows) -> Explanation:
    """Return what a model goes by on a sample of the test window.

    The values have to add up to what the model itself says of the sampled rows.
    """
    wanted, seed = spec.evaluation.explanations, spec.training.seed
    shown = sample(parted.test, wanted.rows, seed)
    background = sample(parted.train, wanted.background, seed)

    def scores(table: pd.DataFrame) -> np.ndarray:
        return scored(model.pipeline, table, model.classes)

    question = Question(
        scores=scores,
        background=matrix(background, model.features),
        rows=matrix(shown, model.features),
        said=model.predict(shown).scores,
        output=_output(spec, model),
    )
    return explain(question, seed)


def _output(spec: Spec, model: Model) -> str:
    target = spec.data.target.name
    return target if model.classes is None else f"P({target} = {model.classes.positive})"
