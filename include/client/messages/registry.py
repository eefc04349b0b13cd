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
