"""The contract between whoever starts a step and the step itself.

A step is ``python -m include.steps.<name> --spec URI --store URI --inputs NAME=URI …
--option NAME=VALUE … --output URI``. It reads and writes objects, prints one JSON object a line and
ends with a typed exit code. ``--output`` is the URI of ``result.json``, which is written last and
atomically: where it exists, the step is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from include import digest
from include.verdict import Verdict


class ExitCode(IntEnum):
    """How a step ends. Anything else (a signal, 1, 137) is a crash and may be retried."""

    DONE = 0
    REJECTED = 10
    BAD_INPUT = 20
    INFRASTRUCTURE = 30


class Record(BaseModel):
    """Base of the documents that steps write: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Artifact(Record):
    """One object that a step wrote."""

    name: str = Field(description="Name that other steps ask for.")
    uri: str = Field(description="Where it is.")
    sha256: str = Field(description="SHA-256 of its bytes (of the manifest, for a folder).")
    size: int = Field(description="Bytes.")


class Measure(Record):
    """A measured number with its interval, where it has one."""

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None
    samples: int | None = None


class StepResult(Record):
    """``result.json``: what a step did, small enough to read whole."""

    step: str
    key: str
    outcome: str = Field(description="One word that branches read, for example `quarantine`.")
    verdict: Verdict
    message: str = Field(description="One sentence for people.")
    artifacts: tuple[Artifact, ...] = ()
    metrics: tuple[Measure, ...] = ()
    truncated: bool = Field(default=False, description="Whether a time budget cut the work short.")
    spec_digest: str = ""
    code_digest: str = ""
    started_at: str = Field(default="", description="UTC, ISO 8601.")
    seconds: float = 0.0
    peak_memory_bytes: int = 0

    def artifact(self, name: str) -> Artifact:
        """Return the artifact of that name; raise ``KeyError`` where the step wrote none."""
        found = next((a for a in self.artifacts if a.name == name), None)
        if found is None:
            message = f"step {self.step} wrote no artifact {name!r}"
            raise KeyError(message)
        return found

    @property
    def identity(self) -> str:
        """Digest of what the step produced: equal for equal work, whenever it was done."""
        return digest.of_json([
            self.step,
            self.outcome,
            sorted((a.name, a.sha256) for a in self.artifacts),
        ])


class StepFailure(Record):
    """The last line that a failing step prints (``event`` = ``step_failed``)."""

    event: Literal["step_failed"] = "step_failed"
    error: str
    what: str
    where: str = ""
    value: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class StepInput:
    """The result of an earlier step, under the name this step knows it by."""

    name: str
    uri: str
    identity: str


@dataclass(frozen=True)
class StepCall:
    """One call of a step: everything that decides its result, and where the result goes."""

    step: str
    store: str
    spec_uri: str
    spec_digest: str
    code_digest: str
    inputs: tuple[StepInput, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Digest of (step, code, spec with its seed, inputs, options)."""
        inputs = sorted((i.name, i.identity) for i in self.inputs)
        return digest.of_json([
            self.step,
            self.code_digest,
            self.spec_digest,
            inputs,
            sorted(self.options),
        ])

    @property
    def output(self) -> str:
        """URI of the result: two calls with one key share it."""
        return f"{self.store}/results/{self.step}/{self.key}/result.json"

    def argv(self, python: str) -> list[str]:
        """Return the command line, the same for a local process and for a pod."""
        named = [f"--inputs={i.name}={i.uri}" for i in self.inputs]
        options = [f"--option={name}={value}" for name, value in self.options]
        module = f"include.steps.{self.step}"
        head = [python, "-m", module, f"--spec={self.spec_uri}", f"--store={self.store}"]
        return [*head, *named, *options, f"--key={self.key}", f"--output={self.output}"]
