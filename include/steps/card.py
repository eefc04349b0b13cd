"""The model card: what a model is for, what it was made from, how good it is."""

from __future__ import annotations

from pydantic import Field

from include.evaluation.report import GateReport, Measurement
from include.spec.model import Owner
from include.steps.contract import Record


class ModelCard(Record):
    """``card.json`` in a package, after Mitchell et al. 2019; written from the run, not by hand."""

    format: int = Field(default=1, description="Version of this file's format.")
    model: str = Field(description="Name of the model.")
    title: str = Field(description="What people call it.")
    purpose: str = Field(description="What it is for, and what it must not be used for.")
    owner: Owner = Field(description="Who answers for it.")
    materiality: str = Field(description="How much harm it can do.")
    task: str = Field(description="What it predicts.")
    algorithm: str = Field(description="Name of the algorithm.")
    features: tuple[str, ...] = Field(description="Columns it is given.")
    protected: tuple[str, ...] = Field(description="Columns it is checked for and never given.")
    training_rows: int = Field(description="Rows it was fitted on.")
    notes: tuple[str, ...] = Field(description="What people should know about the fit.")
    model_digest: str = Field(description="Digest of the model.")
    dataset_digest: str = Field(description="Digest of the dataset version.")
    spec_digest: str = Field(description="Digest of the spec.")
    evaluation: Measurement = Field(description="Metrics with intervals on the test window.")
    gates: GateReport = Field(description="What the declared gates said.")
