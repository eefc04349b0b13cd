"""Step ``track``: publishes the training as one MLflow run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from include import settings
from include.evaluation.plots import PLOT
from include.evaluation.report import EvaluationReport, GateReport
from include.steps import run
from include.steps.registration import RegistrationDraft, TrackingRecord
from include.tracking.runs import Logged, Training, publish
from include.training.report import TrainingReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENTS = (
    ("train", "report", "training.json"),
    ("evaluate", "report", "evaluation.json"),
    ("gate", "report", "gates.json"),
    ("package", "registration", "registration.json"),
)
# What a training in several candidates leaves besides: the winner's trials and importances, and
# why it won.
CANDIDATES = (
    ("train", "candidate", "candidate.json"),
    ("train", "selection", "selection.json"),
    ("train", "reasons", "selection.md"),
)


def work(context: run.StepContext) -> run.StepOutcome:
    """Publish parameters, metrics, tags, reports and plots.

    Raises:
        InfrastructureError: MLflow did not answer.
    """
    installation = settings.read()
    beside = f"file://{installation.home}/mlartifacts"
    artifacts = "" if installation.has_mlflow_server else beside
    published = publish(installation.mlflow_uri, artifacts, _training(context))
    tracking = TrackingRecord(run_id=published.run_id, experiment_id=published.experiment_id)
    return run.StepOutcome(
        outcome="tracked",
        message=f"MLflow run {published.run_id}",
        artifacts=(context.write_document("tracking", "tracking.json", tracking),),
    )


def _training(context: run.StepContext) -> Training:
    fit = context.read_document("train", "report", TrainingReport)
    evaluation = context.read_document("evaluate", "report", EvaluationReport)
    parameters = {
        "algorithm": fit.algorithm,
        "seed": fit.seed,
        **{f"parameter.{name}": value for name, value in fit.parameters.items()},
    }
    return Training(
        model=context.spec.model,
        step_key=context.key,
        parameters=tuple((name, str(value)) for name, value in parameters.items()),
        metrics=tuple(
            Logged(name=e.name, value=e.value, lower=e.lower, upper=e.upper)
            for e in evaluation.estimates
        ),
        tags=_tags(context, evaluation),
        documents=_documents(context),
    )


def _tags(context: run.StepContext, evaluation: EvaluationReport) -> tuple[tuple[str, str], ...]:
    gates = context.read_document("gate", "report", GateReport)
    draft = context.read_document("package", "registration", RegistrationDraft)
    tags = {
        "model": context.spec.model,
        "dag_run": os.environ.get("AIRWORTHY_RUN", ""),
        "dataset_digest": evaluation.dataset_digest,
        "model_digest": draft.model_digest,
        "package_digest": draft.package_digest,
        "spec_digest": context.compiled.digest,
        "test_window_digest": evaluation.window.digest,
        "gates": gates.overall.value,
    }
    return tuple((f"airworthy.{name}", value) for name, value in tags.items())


def _documents(context: run.StepContext) -> tuple[Path, ...]:
    folder = context.scratch / "documents"
    folder.mkdir()
    for source, name, filename in (*DOCUMENTS, *_found(context)):
        (folder / filename).write_bytes(context.read_artifact(source, name))
    return tuple(sorted(folder.iterdir()))


def _found(context: run.StepContext) -> Iterator[tuple[str, str, str]]:
    """Return the candidates' documents and the plots that there are."""
    there = {one.name for one in context.inputs["train"].artifacts}
    yield from (one for one in CANDIDATES if one[1] in there)
    for one in context.inputs["evaluate"].artifacts:
        if one.name.startswith(PLOT):
            yield "evaluate", one.name, f"{one.name}.svg"


if __name__ == "__main__":
    run.main("track", work)
