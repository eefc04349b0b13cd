"""Publishing a training as an MLflow run, once for each step key.

The run is found by its tag before one is made, and everything logged to it is written so that
writing it again changes nothing. Whoever is killed half-way and starts again ends with one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

from include.errors import InfrastructureError

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow.entities import Run

STEP_KEY = "airworthy.step_key"
_PAGE = 10


@dataclass(frozen=True)
class Logged:
    """A metric with its interval, where it has one."""

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Training:
    """Everything that a run says of one training."""

    model: str
    step_key: str
    parameters: tuple[tuple[str, str], ...]
    metrics: tuple[Logged, ...]
    tags: tuple[tuple[str, str], ...]
    documents: tuple[Path, ...]


@dataclass(frozen=True)
class Published:
    """A run as MLflow knows it."""

    run_id: str
    experiment_id: str
    is_new: bool


def publish(uri: str, artifacts: str, training: Training) -> Published:
    """Publish a training and return its run.

    Args:
        uri: MLflow tracking URI.
        artifacts: URI below which a new experiment keeps its artifacts; empty where a server does.
        training: What to publish.

    Raises:
        InfrastructureError: MLflow did not answer or refused.
    """
    client = MlflowClient(tracking_uri=uri)
    try:
        experiment = _experiment(client, training.model, artifacts)
        found = _find(client, experiment, training.step_key)
        run = found or _create(client, experiment, training)
        _log(client, run, training)
        client.set_terminated(run.info.run_id, status="FINISHED")
    except MlflowException as error:
        remedy = "Try again; a run that was begun is found and finished"
        raise InfrastructureError(
            "MLflow refused", where=uri, value=str(error), remedy=remedy
        ) from error
    return Published(run.info.run_id, experiment, found is None)


def _experiment(client: MlflowClient, name: str, artifacts: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = f"{artifacts}/{name}" if artifacts else None
    try:
        return str(client.create_experiment(name, artifact_location=location))
    except MlflowException:
        # Somebody else made it between our look and our call.
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)


def _find(client: MlflowClient, experiment: str, step_key: str) -> Run | None:
    """Return the oldest run of that step key."""
    runs = client.search_runs(
        [experiment],
        filter_string=f"tags.`{STEP_KEY}` = '{step_key}'",
        run_view_type=ViewType.ACTIVE_ONLY,
        max_results=_PAGE,
        order_by=["attributes.start_time ASC"],
    )
    return runs[0] if runs else None


def _create(client: MlflowClient, experiment: str, training: Training) -> Run:
    name = f"{training.model} {training.step_key[:12]}"
    return client.create_run(experiment, tags={STEP_KEY: training.step_key}, run_name=name)


def _log(client: MlflowClient, run: Run, training: Training) -> None:
    run_id = run.info.run_id
    # The run's own start time: MLflow keeps one row for equal (name, time, step, value).
    when = run.info.start_time
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, when, 0) for name, value in _metrics(training)],
        params=[Param(name, value) for name, value in training.parameters],
        tags=[RunTag(name, value) for name, value in training.tags],
    )
    for document in training.documents:
        client.log_artifact(run_id, str(document))


def _metrics(training: Training) -> list[tuple[str, float]]:
    rows: list[tuple[str, float]] = []
    for metric in training.metrics:
        ends = (("", metric.value), ("_lower", metric.lower), ("_upper", metric.upper))
        rows += [(f"{metric.name}{end}", value) for end, value in ends if value is not None]
    return rows
