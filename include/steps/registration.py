"""Everything the registry needs to know of a package that the steps know by themselves."""

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


def signature(contract: FeatureContract) -> str:
    """Return the input and output columns of a model as canonical JSON."""
    inputs = [
        {
            "name": rule.column.name,
            "type": rule.column.type.value,
            "nullable": rule.column.nullable,
            "minimum": rule.column.minimum,
            "maximum": rule.column.maximum,
            "allowed": list(rule.column.allowed),
        }
        for rule in contract.features
    ]
    kind = "category" if isinstance(contract.positive, str) else "integer"
    outputs = [{"name": "predictions", "type": kind, "labels": list(contract.labels)}]
    if contract.task is Task.CLASSIFICATION:
        outputs.append({"name": "probabilities", "type": "number", "labels": [contract.positive]})
    else:
        outputs = [{"name": "predictions", "type": "number", "labels": []}]
    return digest.canonical({"inputs": inputs, "outputs": outputs}).decode()
