"""What the steps leave for the registry: a version to be, and the MLflow run it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from include import digest
from include.client.messages.registry import GateOutcome, MetricValue
from include.spec.model import Task
from include.steps.contract import Record

if TYPE_CHECKING:
    from include.serving.features import FeatureContract


class RegistrationDraft(Record):
    """A ``RegisterVersion`` without the run, the MLflow run and the release policy."""

    model: str = Field(description="Name of the model.")
    package_uri: str = Field(description="Where the package is.")
    package_digest: str = Field(description="Digest of the package.")
    model_digest: str = Field(description="Digest of the model inside.")
    signature: str = Field(description="Canonical JSON of the input and output columns.")
    dataset_digest: str = Field(description="Digest of the dataset version.")
    spec_digest: str = Field(description="Digest of the spec.")
    spec_uri: str = Field(description="Where the compiled spec is.")
    metrics: tuple[MetricValue, ...] = Field(description="Metrics with their intervals.")
    gates: tuple[GateOutcome, ...] = Field(description="What each gate said.")


class TrackingRecord(Record):
    """``tracking.json``: the MLflow run of a training."""

    run_id: str = Field(description="Id of the MLflow run.")
    experiment_id: str = Field(description="Id of its experiment.")


def signature(contract: FeatureContract) -> str:
    """Return the input and output columns of a model as canonical JSON."""
    inputs = [
        {
            "name": rule.column.name,
            "type": rule.column.type.value,
            "required": not rule.column.nullable,
            "minimum": rule.column.minimum,
            "maximum": rule.column.maximum,
            "allowed": list(rule.column.allowed),
        }
        for rule in contract.features
    ]
    outputs = [_output("predictions", _kind(contract), contract.labels)]
    if contract.task is Task.CLASSIFICATION:
        outputs.append(_output("probabilities", "number", (str(contract.positive),)))
    return digest.canonical({"inputs": inputs, "outputs": outputs}).decode()


def _kind(contract: FeatureContract) -> str:
    if contract.task is Task.REGRESSION:
        return "number"
    return "category" if isinstance(contract.positive, str) else "integer"


def _output(name: str, kind: str, labels: tuple[str | int, ...]) -> dict[str, object]:
    return {"name": name, "type": kind, "labels": list(labels)}
