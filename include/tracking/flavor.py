"""A fitted pipeline as an MLflow model: signature, input example, pinned requirements, no pickle.

MLflow writes the time, random ids and its own skops bytes. All are replaced, so that the same model
gives the same files.
"""

from __future__ import annotations

import platform
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mlflow.sklearn
import yaml
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from include.errors import BadInput
from include.libraries import version
from include.spec.model import ColumnType, Task

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from mlflow.pyfunc import PyFuncModel
    from sklearn.pipeline import Pipeline

    from include.spec.model import Column

REQUIREMENTS = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy", "skops")
DOCUMENT = "MLmodel"
SKOPS = "model.skops"
_VOLATILE = ("utc_time_created", "model_uuid", "model_id", "run_id", "artifact_path")


@dataclass(frozen=True)
class Flavor:
    """What an MLflow model is made of.

    ``example`` is a table as ``include.training.matrix`` makes it, with the index 0 to n - 1;
    ``skops`` are the bytes that the model is loaded from, holding only types of ``trusted``
    beside those that skops trusts by itself. ``more`` names libraries that it needs beyond
    ``REQUIREMENTS``.
    """

    pipeline: Pipeline
    skops: bytes
    trusted: tuple[str, ...]
    task: Task
    features: tuple[Column, ...]
    labels_are_text: bool
    example: pd.DataFrame
    more: tuple[str, ...] = ()


def write(flavor: Flavor, folder: Path) -> None:
    """Write an MLflow model into ``folder``, which must be empty or absent.

    Raises:
        BadInput: MLflow cannot write this model in the skops format.
    """
    try:
        with warnings.catch_warnings():
            # MLflow warns about type hints of its own when it is imported.
            warnings.simplefilter("ignore")
            mlflow.sklearn.save_model(
                flavor.pipeline,
                folder,
                signature=_signature(flavor),
                input_example=flavor.example,
                serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_SKOPS,
                skops_trusted_types=list(flavor.trusted),
                conda_env=_environment(flavor.more),
            )
    except mlflow.MlflowException as error:
        what = "MLflow cannot write this model without pickle"
        raise BadInput(what, where=str(folder), value=str(error)) from error
    (folder / SKOPS).write_bytes(flavor.skops)
    _settle(folder / DOCUMENT, sum(_sizes(folder)))


def load(folder: Path) -> PyFuncModel:
    """Return the MLflow model in a verified ``folder`` as MLflow's users get it.

    MLflow reads the list of trusted types from the folder itself and therefore asks for
    ``MLFLOW_ALLOW_PICKLE_DESERIALIZATION=true``; verify the package first.
    """
    return mlflow.pyfunc.load_model(str(folder))


def _environment(more: tuple[str, ...]) -> dict[str, object]:
    """Return what the model needs, in the form from which MLflow writes ``requirements.txt``."""
    pinned = [f"{name}=={version(name)}" for name in (*REQUIREMENTS, *more)]
    python = f"python={platform.python_version()}"
    return {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [python, "pip", {"pip": pinned}],
    }


def _signature(flavor: Flavor) -> ModelSignature:
    """Return the schema that MLflow enforces: numbers and booleans as doubles, categories as text.

    Booleans are doubles because that is what the pipeline takes (1 is true), and MLflow checks
    types without converting them.
    """
    text = {column.name for column in flavor.features if column.type is ColumnType.CATEGORY}
    inputs = [
        ColSpec(DataType.string if column.name in text else DataType.double, column.name)
        for column in flavor.features
    ]
    kind = DataType.string if flavor.labels_are_text else DataType.long
    output = DataType.double if flavor.task is Task.REGRESSION else kind
    return ModelSignature(inputs=Schema(inputs), outputs=Schema([ColSpec(output)]))


def _settle(path: Path, size: int) -> None:
    """Take out of ``MLmodel`` what differs between two writings of one model."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in _VOLATILE:
        document.pop(key, None)
    document["model_size_bytes"] = size
    path.write_text(yaml.safe_dump(document, sort_keys=True), encoding="utf-8")


def _sizes(folder: Path) -> list[int]:
    return [
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.name != DOCUMENT
    ]
