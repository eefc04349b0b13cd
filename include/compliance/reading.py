"""Reading objects: each is checked against its recorded digest and remembered as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from include import digest
from include.compliance.records import EvidenceItem, Missing
from include.errors import BadInput, ObjectMissing
from include.steps.contract import StepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = TypeVar("Kind")
Document = TypeVar("Document", bound=BaseModel)
TRAIN_AGAIN = "Train the model again, or restore the object from a copy of the store"


class Objects(Protocol):
    """The part of an object store that a report needs."""

    def read(self, uri: str) -> bytes:
        """Return the bytes of an object.

        Raises:
            ObjectMissing: no object at that URI.
            StoreUnavailable: the store did not answer.
        """


class Reader:
    """Reads evidence; what cannot be had is a ``Missing``, an outage of the store an error.

    Args:
        objects: Where the evidence is.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._items: dict[str, EvidenceItem] = {}

    @property
    def items(self) -> tuple[EvidenceItem, ...]:
        """What was cited so far, by name."""
        return tuple(self._items[name] for name in sorted(self._items))

    def cite(self, name: str, uri: str, sha256: str) -> None:
        """Remember something whose digest is on record, unread."""
        self._items[name] = EvidenceItem(
            name=name, uri=uri, sha256=sha256, size=None, check="recorded"
        )

    def load(
        self, name: str, uri: str, parse: Callable[[bytes], Kind], sha256: str = ""
    ) -> Kind | Missing:
        """Return an object as ``parse`` reads it.

        Args:
            name: Name that sections cite.
            uri: Where it is.
            parse: Raises ``ValidationError`` or ``BadInput`` for other bytes.
            sha256: Recorded digest; empty where none is recorded.

        Raises:
            StoreUnavailable: the store did not answer: a report without it would show false gaps.
        """
        try:
            data = self._objects.read(uri)
        except ObjectMissing:
            return Missing(what=f"{name} is not at {uri}", remedy=TRAIN_AGAIN)
        except BadInput as error:
            return Missing(what=f"{name}: {error.what} ({uri})", remedy=TRAIN_AGAIN)
        found = digest.of_bytes(data)
        if sha256 and found != sha256:
            short = f"{digest.short(found)}, not {digest.short(sha256)}"
            return Missing(what=f"{name} is not what was recorded: {short}", remedy=TRAIN_AGAIN)
        try:
            document = parse(data)
        except (ValidationError, BadInput) as error:
            why = _why(error)
            return Missing(what=f"{name} cannot be read: {why}", remedy=TRAIN_AGAIN)
        self._items[name] = EvidenceItem(
            name=name, uri=uri, sha256=found, size=len(data), check="matches" if sha256 else "read"
        )
        return document

    def artifact(
        self, results: Mapping[str, str], cited: str, kind: type[Document]
    ) -> Document | Missing:
        """Return a document that a step of the training run left.

        Args:
            results: URI of the result of each step.
            cited: Step and artifact, as ``evaluate/report``.
            kind: What it is read as.
        """
        step, _, wanted = cited.partition("/")
        if step not in results:
            what = f"{cited}: the training run has no result of `{step}`"
            return Missing(what=what, remedy="Train the model again with the present DAG")
        result = self.load(f"{step}/result", results[step], StepResult.model_validate_json)
        if isinstance(result, Missing):
            return result
        written = next((one for one in result.artifacts if one.name == wanted), None)
        if written is None:
            what = f"{cited}: the step wrote no such artefact"
            return Missing(what=what, remedy="Train the model again with the present DAG")
        return self.load(cited, written.uri, kind.model_validate_json, written.sha256)


def _why(error: ValidationError | BadInput) -> str:
    if isinstance(error, BadInput):
        return error.what
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"
