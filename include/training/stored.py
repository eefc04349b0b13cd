"""A model as two files in a folder: ``model.skops`` and ``model.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from include import digest
from include.errors import BadInput, PackageTampered
from include.spec.model import Task
from include.training.prediction import Model
from include.training.report import ModelDocument
from include.training.serialization import dumps, loads
from include.training.target import Classes

if TYPE_CHECKING:
    from pathlib import Path

    from include.spec.model import Spec

SKOPS = "model.skops"
DOCUMENT = "model.json"


def write(
    model: Model, spec: Spec, model_digest: str, folder: Path, *, algorithm: str = ""
) -> ModelDocument:
    """Write a model into ``folder`` and return its document.

    Args:
        model: The fitted model.
        spec: Its spec.
        model_digest: Its digest.
        folder: Where to; made where it is not there.
        algorithm: What it was fitted by; the spec's first candidate where none is named.
    """
    data = dumps(model.pipeline)
    document = ModelDocument(
        algorithm=algorithm or spec.training.candidates[0],
        task=spec.task,
        features=model.features,
        labels=model.classes.labels if model.classes else (),
        positive=model.classes.positive if model.classes else None,
        digest=model_digest,
        skops_sha256=digest.of_bytes(data),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SKOPS).write_bytes(data)
    (folder / DOCUMENT).write_bytes(digest.canonical(document.model_dump(mode="json")))
    return document


def read(folder: Path) -> tuple[Model, ModelDocument]:
    """Return the model in ``folder`` and its document.

    Raises:
        BadInput: a file is missing, is not what it should be, or holds an untrusted type.
        PackageTampered: the model file is not the one that the document speaks of.
    """
    try:
        document = ModelDocument.model_validate_json((folder / DOCUMENT).read_bytes())
        data = (folder / SKOPS).read_bytes()
    except (OSError, ValidationError) as error:
        raise BadInput("this is no stored model", where=str(folder), value=str(error)) from error
    if digest.of_bytes(data) != document.skops_sha256:
        raise PackageTampered("the model file is not the one written", where=str(folder / SKOPS))
    found = None
    if document.task is Task.CLASSIFICATION and document.positive is not None:
        found = Classes((document.labels[0], document.labels[1]), document.positive)
    return Model(loads(data), document.features, found), document
