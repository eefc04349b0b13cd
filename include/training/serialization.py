"""Fitted pipelines as skops files: no pickle, a closed list of types, equal bytes for equal models.

There is no other loader, and none is fallen back on. skops trusts a wide set of types by default;
here only the types that our pipelines consist of may occur in a file at all, checked in the file's
own schema before anything is built from it.

skops writes object addresses and the time into its archive. Both are replaced by constants, so that
the same model always gives the same file. So is the padding in a tree's table of nodes.
"""

from __future__ import annotations

import io
import json
import zipfile
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from skops.io import dumps as skops_dumps
from skops.io import loads as skops_loads
from skops.io.exceptions import UntrustedTypesFoundException

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.pipeline import Pipeline

SCHEMA = "schema.json"
_PLAIN = (
    "builtins.dict",
    "builtins.list",
    "builtins.slice",
    "builtins.str",
    "builtins.tuple",
    "numpy.dtype",
    "numpy.float64",
    "numpy.int64",
    "numpy.ndarray",
)
_LEARNED = (
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.compose._target.TransformedTargetRegressor",
    "sklearn.dummy.DummyClassifier",
    "sklearn.dummy.DummyRegressor",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.impute._base.MissingIndicator",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.linear_model._coordinate_descent.ElasticNet",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._ridge.Ridge",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.svm._classes.SVC",
    "sklearn.svm._classes.SVR",
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._tree.Tree",
)
_OURS = (
    "include.training.estimators.blend.BlendedClassifier",
    "include.training.estimators.blend.BlendedRegressor",
    "include.training.estimators.boosted.BoostedClassifier",
    "include.training.estimators.boosted.BoostedRegressor",
    "include.training.estimators.boosted.Trees",
    "include.training.estimators.codes.CategoryCodes",
    "include.training.estimators.copied.CopiedColumn",
    "include.training.estimators.dense.DenseClassifier",
    "include.training.estimators.dense.DenseRegressor",
    "include.training.estimators.keras_fit.Network",
    "include.training.estimators.sampled.SampledClassifier",
    "include.training.estimators.sampled.SampledRegressor",
)
TYPES = frozenset((*_PLAIN, *_LEARNED, *_OURS))
# Those of the list that skops does not trust by itself.
TRUSTED = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.tree._tree.Tree",
    *_OURS,
)
_ARRAY = b"\x93NUMPY"
_TIME = (1980, 1, 1, 0, 0, 0)


def dumps(pipeline: Pipeline) -> bytes:
    """Return a fitted pipeline as the bytes of a skops file.

    Raises:
        BadInput: the pipeline holds a type that is not on the list.
    """
    data = _canonical(skops_dumps(pipeline))
    _check(data)
    return data


def loads(data: bytes) -> Pipeline:
    """Return the pipeline in the bytes of a skops file.

    Raises:
        BadInput: this is no skops file, or it holds a type that is not on the list.
    """
    _check(data)
    try:
        return skops_loads(data, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise BadInput("the model file holds a type nobody trusts", value=str(error)) from error


def _check(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            schema = json.loads(archive.read(SCHEMA))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BadInput("this is not a skops file", value=str(error)) from error
    strange = sorted({name for name in _types(schema) if name not in TYPES})
    if strange:
        raise BadInput(
            "the model file holds types that are not on the list",
            value=strange,
            remedy="Only files written by this code are read",
        )


def _types(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node.get('__module__')}.{node['__class__']}"
        for value in node.values():
            yield from _types(value)
    elif isinstance(node, list):
        for value in node:
            yield from _types(value)


def _canonical(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(SCHEMA))
        names: dict[str, str] = {}
        _renumber(schema, {}, names, count(1))
        files = {new: _settled(archive.read(old)) for old, new in names.items()}
    files[SCHEMA] = json.dumps(schema, sort_keys=True, separators=(",", ":")).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _settled(data: bytes) -> bytes:
    """Return an array file with zeros between its fields: a tree's nodes leave memory bare."""
    if not data.startswith(_ARRAY):
        return data
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.names is None:
        return data
    clean = np.zeros(array.shape, array.dtype)
    for name in array.dtype.names:
        clean[name] = array[name]
    buffer = io.BytesIO()
    np.save(buffer, clean, allow_pickle=False)
    return buffer.getvalue()


def _renumber(
    node: object, ids: dict[int, int], names: dict[str, str], numbers: Iterator[int]
) -> None:
    """Replace addresses by numbers in order of appearance, and file names accordingly."""
    if isinstance(node, list):
        for value in node:
            _renumber(value, ids, names, numbers)
    if not isinstance(node, dict):
        return
    if "__id__" in node:
        # Whether two equal texts or numbers are one object is the interpreter's whim: each JSON
        # node gets a number of its own.
        old = node["__id__"]
        shared = node.get("__loader__") != "JsonNode"
        node["__id__"] = ids.setdefault(old, next(numbers)) if shared else next(numbers)
    if "file" in node:
        suffix = node["file"].rpartition(".")[2]
        node["file"] = names.setdefault(node["file"], f"{len(names) + 1}.{suffix}")
    for key in sorted(node):
        _renumber(node[key], ids, names, numbers)
