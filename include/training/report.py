"""What a training leaves for people and later steps to read."""

from __future__ import annotations

from pydantic import Field

from include.spec.base import Scalar, Strict
from include.spec.model import Column, Task


class ModelDocument(Strict):
    """``model.json`` beside ``model.skops``: all that is needed to ask the model something."""

    format: int = Field(default=1, description="Version of this file's format.")
    algorithm: str = Field(description="Name of the algorithm.")
    task: Task = Field(description="What the model predicts.")
    features: tuple[Column, ...] = Field(description="Columns it is given, in order.")
    labels: tuple[str | int, ...] = Field(description="The two classes; none for a regression.")
    positive: str | int | None = Field(description="The class that probabilities speak of.")
    digest: str = Field(description="Model digest: equal for equal models.")
    skops_sha256: str = Field(description="SHA-256 of `model.skops`.")


class TrainingReport(Strict):
    """``report.json`` of the train step."""

    model: str = Field(description="Name of the model.")
    algorithm: str = Field(description="Name of the algorithm.")
    parameters: dict[str, Scalar] = Field(description="Parameters with their defaults.")
    seed: int = Field(description="Seed of everything random.")
    training_rows: int = Field(description="Rows fitted on; none of the test window.")
    features: tuple[str, ...] = Field(description="Columns the model is given.")
    dropped: tuple[str, ...] = Field(description="Features left out: they do not vary.")
    notes: tuple[str, ...] = Field(description="What people should know about the fit.")
    baseline: float = Field(description="Positive rate, or mean of the target, in training.")
    model_digest: str = Field(description="Model digest.")
    libraries: dict[str, str] = Field(description="Version of each library that decides a fit.")
