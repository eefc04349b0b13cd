"""The part of every pipeline that stands before its estimator, fitted on training rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from include.spec.model import ColumnType
from include.training.estimators.codes import CategoryCodes

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from include.spec.model import Column

MISSING_TEXT = "(missing)"
MISSING_BOOLEAN = -1.0
MOST_VALUES = 50
_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER)


def preprocessing(features: tuple[Column, ...]) -> ColumnTransformer:
    """Return the unfitted transformer of a table made by ``matrix``.

    Numbers: the median for what is missing, a column that says so where any was missing in
    training, then mean 0 and variance 1. Booleans and categories: a value of its own for what is
    missing, then one column a value; a value not seen in training gives zeros in all of them. Of a
    category with more than ``MOST_VALUES``, the rarest and the unseen ones share a column.
    """
    return _assembled(features, (_numbers(), _one_hot(MISSING_BOOLEAN), _one_hot(MISSING_TEXT)))


def coding(features: tuple[Column, ...]) -> ColumnTransformer:
    """Return the unfitted transformer for trees: one number a column, nothing scaled.

    Numbers as in ``preprocessing``; missing booleans are a third value, categories are coded.
    """
    boolean = SimpleImputer(strategy="constant", fill_value=MISSING_BOOLEAN)
    codes = Pipeline([
        ("impute", SimpleImputer(strategy="constant", fill_value=MISSING_TEXT)),
        ("encode", CategoryCodes()),
    ])
    return _assembled(features, (_imputed(), boolean, codes))


def _assembled(
    features: tuple[Column, ...], parts: tuple[BaseEstimator, BaseEstimator, BaseEstimator]
) -> ColumnTransformer:
    kinds = (_NUMERIC, (ColumnType.BOOLEAN,), (ColumnType.CATEGORY,))
    named = [
        (name, part, [column.name for column in features if column.type in kind])
        for name, part, kind in zip(("number", "boolean", "category"), parts, kinds, strict=True)
    ]
    return ColumnTransformer([part for part in named if part[2]])


def _imputed() -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)


def _numbers() -> Pipeline:
    return Pipeline([("impute", _imputed()), ("scale", StandardScaler())])


def _one_hot(missing: str | float) -> Pipeline:
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_VALUES, sparse_output=False
    )
    return Pipeline([
        ("impute", SimpleImputer(strategy="constant", fill_value=missing)),
        ("encode", encoder),
    ])
