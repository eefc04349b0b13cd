"""Preparing the call of a step and reading its result, for whoever starts steps.

Light: a DAG file's operator imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from include import settings
from include.errors import BadInput
from include.spec import compiled
from include.steps.code import code_digest
from include.steps.contract import StepCall, StepInput, StepResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.spec.model import CompiledSpec
    from include.store.objects import ObjectStore


def prepare(
    step: str,
    spec: CompiledSpec,
    inputs: Mapping[str, str],
    options: Mapping[str, str],
    store: ObjectStore,
) -> StepCall:
    """Return the call of a step, its spec published and its inputs' identities read.

    Args:
        step: Name of the step; its module is ``include.steps.<step>``.
        spec: Compiled spec of the model.
        inputs: URI of the ``result.json`` of an earlier step, by the name this step knows it by.
        options: Options of the step, by name.
        store: Where specs and results are; the root is ``AIRWORTHY_STORE``.

    Raises:
        ObjectMissing: an input's result is not there.
        BadInput: an input is no result.
        StoreUnavailable: the store did not answer.
    """
    root = settings.read().store.rstrip("/")
    return StepCall(
        step=step,
        store=root,
        spec_uri=publish(spec, root, store),
        spec_digest=spec.digest,
        code_digest=code_digest(),
        inputs=tuple(
            StepInput(name, uri, read_result(store, uri).identity)
            for name, uri in sorted(inputs.items())
        ),
        options=tuple(sorted(options.items())),
    )


def publish(spec: CompiledSpec, root: str, store: ObjectStore) -> str:
    """Write ``specs/<digest>.json`` unless it is there, and return its URI."""
    uri = f"{root}/specs/{spec.digest}.json"
    if not store.exists(uri):
        store.write(uri, compiled.to_bytes(spec))
    return uri


def read_result(store: ObjectStore, uri: str) -> StepResult:
    """Return the result of a step.

    Raises:
        ObjectMissing: the step has not finished.
        BadInput: what lies there is no result.
        StoreUnavailable: the store did not answer.
    """
    try:
        return StepResult.model_validate_json(store.read(uri))
    except ValidationError as error:
        what = "this is no result of a step"
        raise BadInput(what, where=uri, value=str(error.errors()[0]["msg"])) from error
