"""The part of every pipeline that stands before its estimator, fitted on training rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from include.spec.model import ColumnType

if TYPE_CHECKING:
    from include.spec.model import Column

MISSING_TEXT = "(missing)"
MISSING_BOOLEAN = -1.0
_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER)


def preprocessing(features: tuple[Column, ...]) -> ColumnTransformer:
    """Return the unfitted transformer of a table made by ``matrix``.

    Numbers: the median for what is missing, a column that says so where any was missing in
    training, then mean 0 and variance 1. Booleans and categories: a value of its own for what is
    missing, then one column a value; a value not seen in training gives zeros in all of them.
    """
    numeric = [column.name for column in features if column.type in _NUMERIC]
    boolean = [column.name for column in features if column.type is ColumnType.BOOLEAN]
    category = [column.name for column in features if column.type is ColumnType.CATEGORY]
    parts = [
        ("number", _numbers(), numeric),
        ("boolean", _one_hot(MISSING_BOOLEAN), boolean),
        ("category", _one_hot(MISSING_TEXT), category),
    ]
    return ColumnTransformer([part for part in parts if part[2]])


def _numbers() -> Pipeline:
    return Pipeline([
        ("impute", SimpleImputer(strategy="median", add_indicator=True)),
        ("scale", StandardScaler()),
    ])


def _one_hot(missing: str | float) -> Pipeline:
    return Pipeline([
        ("impute", SimpleImputer(strategy="constant", fill_value=missing)),
        ("encode", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
    ])
