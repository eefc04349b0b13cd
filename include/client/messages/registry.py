"""Versions of models."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from include.client.messages.base import Message, RunRef
from include.verdict import Verdict


class MetricValue(Message):
    """A metric of a version, with its interval where there is one."""

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None
    samples: int | None = None


class GateOutcome(Message):
    """What one gate said."""

    name: str
    verdict: Verdict
    message: str


class GateOverride(Message):
    """That people let a version through whose gates did not all pass."""

    decision_id: str
    by: str = Field(description="Who answered.")
    reason: str
    at: datetime
    gates: tuple[str, ...] = Field(description="Names of the gates that did not pass.")

    @property
    def words(self) -> str:
        """The override in one line, for people."""
        return f"{', '.join(self.gates)} did not pass; {self.by} let it in: {self.reason}"


class RegisterVersion(Message):
    """Ask for the next semantic version of a model. Idempotent by ``package_digest``."""

    model: str
    package_uri: str
    package_digest: str
    model_digest: str
    signature: str = Field(description="Canonical JSON of the input and output columns.")
    dataset_digest: str
    spec_digest: str
    spec_uri: str
    metrics: tuple[MetricValue, ...]
    gates: tuple[GateOutcome, ...]
    run: RunRef
    mlflow_run_id: str = ""
    release_policy: Literal["auto", "manual"]
    override_id: str = Field(
        default="", description="Decision of this run that lets it in where gates did not pass."
    )


class Version(Message):
    """A registered, frozen version."""

    model: str
    version: str
    package_uri: str
    package_digest: str
    model_digest: str
    signature: str
    dataset_digest: str
    spec_digest: str
    spec_uri: str
    metrics: tuple[MetricValue, ...]
    gates: tuple[GateOutcome, ...]
    run: RunRef
    mlflow_run_id: str
    release_policy: Literal["auto", "manual"]
    registered_at: datetime
    override: GateOverride | None = Field(
        default=None, description="Who let it in although gates did not pass; none: all passed."
    )
