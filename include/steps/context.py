"""What a step's work is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from include import digest
from include.errors import BadInput
from include.steps.contract import Artifact, Measure, StepResult
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from include.spec.model import CompiledSpec, Spec
    from include.store.objects import ObjectStore

REJECTED = "rejected"
MANIFEST = "manifest.json"
Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True)
class StepOutcome:
    """What the work of a step came to; the runner makes ``result.json`` of it.

    The step ends with exit code 10 where ``outcome`` is ``rejected``, else with 0: a failed gate
    or a stopped batch is a result that a branch reads.
    """

    outcome: str
    message: str
    verdict: Verdict = Verdict.PASS
    artifacts: tuple[Artifact, ...] = ()
    metrics: tuple[Measure, ...] = ()
    truncated: bool = False


@dataclass(frozen=True)
class StepContext:
    """Everything a step may use.

    Attributes:
        compiled: The compiled spec, checked against its digest.
        store: The object store.
        root: URI of the store's root, without a slash at the end.
        inputs: Results of earlier steps, by name.
        options: Options, by name.
        key: Key of this step.
        output: URI of the folder that the result and its artifacts go to.
        scratch: Local folder that vanishes with the step.
    """

    compiled: CompiledSpec
    store: ObjectStore
    root: str
    key: str
    output: str
    scratch: Path
    inputs: Mapping[str, StepResult] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        """The model's resolved spec."""
        return self.compiled.spec

    def option(self, name: str) -> str:
        """Return an option; raise ``BadInput`` where it was not given or is empty."""
        value = self.options.get(name, "")
        if not value:
            remedy = f"Call the step with --option={name}=…"
            raise BadInput("a required option is missing", where=name, remedy=remedy)
        return value

    def artifact(self, source: str, name: str) -> Artifact:
        """Return the description of an artifact of an input; ``BadInput`` where there is none."""
        if source not in self.inputs:
            remedy = f"Call the step with --inputs={source}=URI"
            raise BadInput("a required input is missing", where=source, remedy=remedy)
        try:
            return self.inputs[source].artifact(name)
        except KeyError as error:
            raise BadInput(str(error.args[0]), where=source, value=name) from error

    def read_artifact(self, source: str, name: str) -> bytes:
        """Return the bytes of an artifact of an input, checked against its SHA-256."""
        artifact = self.artifact(source, name)
        data = self.store.read(artifact.uri)
        _check(artifact, digest.of_bytes(data))
        return data

    def read_document(self, source: str, name: str, kind: type[Document]) -> Document:
        """Return an artifact of an input that is a JSON document of ``kind``."""
        try:
            return kind.model_validate_json(self.read_artifact(source, name))
        except ValidationError as error:
            where = self.artifact(source, name).uri
            what = f"this is no {kind.__name__}"
            raise BadInput(what, where=where, value=str(error.errors()[0]["msg"])) from error

    def fetch_folder(self, source: str, name: str) -> Path:
        """Copy a folder artifact of an input into scratch, check it and return where it is."""
        artifact = self.artifact(source, name)
        folder = self.scratch / "inputs" / source / name
        folder.mkdir(parents=True, exist_ok=True)
        self.store.fetch(artifact.uri, folder)
        _check(artifact, folder_digest(folder))
        return folder

    def write_artifact(self, name: str, filename: str, data: bytes) -> Artifact:
        """Write an artifact beside the result and return its description."""
        uri = f"{self.output}/{filename}"
        self.store.write(uri, data)
        return Artifact(name=name, uri=uri, sha256=digest.of_bytes(data), size=len(data))

    def write_document(self, name: str, filename: str, document: BaseModel) -> Artifact:
        """Write a document as canonical JSON: equal documents are equal bytes."""
        data = digest.canonical(document.model_dump(mode="json"))
        return self.write_artifact(name, filename, data)

    def put_folder(self, name: str, folder: Path, uri: str = "") -> Artifact:
        """Copy a local folder to ``uri`` (beside the result, where none is given)."""
        place = uri or f"{self.output}/{name}"
        self.store.put(folder, place)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        return Artifact(name=name, uri=place, sha256=folder_digest(folder), size=size)


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 of a folder's ``manifest.json``, or else of the list of its files."""
    manifest = folder / MANIFEST
    if manifest.is_file():
        return digest.of_file(manifest)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest.of_json([
        (path.relative_to(folder).as_posix(), digest.of_file(path)) for path in files
    ])


def _check(artifact: Artifact, found: str) -> None:
    if found != artifact.sha256:
        what = "this artifact is not the one that its step wrote"
        remedy = "Run the step that wrote it again with --recompute"
        raise BadInput(what, where=artifact.uri, value=digest.short(found), remedy=remedy)
