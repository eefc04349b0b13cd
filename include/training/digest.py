"""When two fitted models are the same model.

The digest covers every fitted number of the pipeline and the scores on the probe set, each rounded
to ``DIGITS`` significant decimal digits, or to single precision in arrays of more than ``MOST``
numbers (trees). It is equal for a recompute on the same machine; across processors the last bits of
a sum may differ by more than the rounding hides, and then it says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.tree._tree import Tree

from include import digest
from include.training.probe import probe

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

    from include.training.prediction import Model

DIGITS = 9
MOST = 256
_TREE = ("children_left", "children_right", "feature", "threshold", "value")


def model_digest(model: Model, frame: pd.DataFrame) -> str:
    """Return the digest of ``model``, tried on the probe set of the training rows ``frame``."""
    answers = model.predict(probe(frame))
    return digest.of_json({
        "digits": DIGITS,
        "features": [column.name for column in model.features],
        "positive": model.classes.positive if model.classes else None,
        "parameters": _estimator(model.pipeline),
        "probe": _value(answers.scores),
    })


def _estimator(estimator: BaseEstimator) -> list[object]:
    """Return an estimator's class and fitted attributes (scikit-learn's end in one underscore)."""
    fitted = {
        name: _value(value) for name, value in sorted(vars(estimator).items()) if _is_fitted(name)
    }
    return [type(estimator).__name__, _parts(estimator), fitted]


def _is_fitted(name: str) -> bool:
    return name.endswith("_") and not name.startswith("_") and name != "transformers_"


def _parts(estimator: BaseEstimator) -> list[object]:
    if hasattr(estimator, "transformers_"):
        return [
            [name, [str(column) for column in columns], _estimator(part)]
            for name, part, columns in estimator.transformers_
            if hasattr(part, "get_params")
        ]
    return [[name, _estimator(part)] for name, part in getattr(estimator, "steps", [])]


def _value(value: object) -> object:
    if isinstance(value, Tree):
        return [_value(getattr(value, name)) for name in _TREE]
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.{DIGITS - 1}e}"
    if hasattr(value, "get_params"):
        return _estimator(value)
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return _object(value)


def _object(value: object) -> object:
    """Return what an object of no public kind consists of; its text could hold an address."""
    if hasattr(value, "__dict__"):
        parts = {name: _value(part) for name, part in sorted(vars(value).items())}
        return [type(value).__name__, parts]
    return str(value)


def _array(values: np.ndarray) -> object:
    if values.size <= MOST or values.dtype == object:
        return [_value(item) for item in values.tolist()]
    rounded = values.astype("float32") if values.dtype.kind == "f" else values
    return [str(rounded.dtype), list(values.shape), digest.of_bytes(rounded.tobytes())]
