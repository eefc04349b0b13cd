"""Everything that is held about one live version, and what of it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from include import digest
from include.compliance.documents import BatchSeen, DatasetSeen, SelectionSeen
from include.compliance.history import deployments
from include.compliance.reading import Kind, Reader
from include.compliance.records import Missing
from include.data.report import ValidationReport
from include.errors import NotFound
from include.evaluation.report import EvaluationReport, GateReport
from include.serving.package import MANIFEST, PackageManifest
from include.spec import compiled
from include.training.report import TrainingReport

if TYPE_CHECKING:
    from datetime import datetime

    from include.client.messages.alerts import Alert
    from include.client.messages.audit import Event
    from include.client.messages.decisions import Decision
    from include.client.messages.plans import RollbackRequest
    from include.client.messages.registry import Version
    from include.client.messages.rollouts import EndpointRecord, Rollout
    from include.client.messages.runs import RunRecord
    from include.compliance.history import Deployment, Live
    from include.compliance.reading import Objects
    from include.compliance.records import EvidenceItem
    from include.spec.model import CompiledSpec

NEWEST = 500  # a listing of the control plane holds no more


class Records(Protocol):
    """What a report asks the control plane; ``ControlPlane`` answers it.

    Every method raises ``ControlPlaneUnavailable`` where there is no answer: an outage is not a
    gap.
    """

    def version(self, model: str, version: str) -> Version:
        """Return one version of a model."""

    def endpoints(self) -> tuple[EndpointRecord, ...]:
        """Return every endpoint."""

    def rollouts(self, *, model: str = "") -> tuple[Rollout, ...]:
        """Return the rollouts, newest first."""

    def rollout_events(self, rollout_id: str) -> tuple[Event, ...]:
        """Return what happened to a rollout, oldest first."""

    def rollbacks(self, endpoint: str) -> tuple[RollbackRequest, ...]:
        """Return the requests to go back, newest first."""

    def decisions(self) -> tuple[Decision, ...]:
        """Return the decisions, newest first."""

    def alerts(self, *, model: str = "") -> tuple[Alert, ...]:
        """Return the alerts, newest first."""

    def run(self, dag_id: str, run_id: str) -> RunRecord:
        """Return the record of a run, or raise ``NotFound``."""


@dataclass(frozen=True)
class Documents:
    """What the steps of the training run left; ``Missing`` says why one is not there."""

    spec: CompiledSpec | Missing
    arrived: DatasetSeen | Missing
    validation: ValidationReport | Missing
    batch: BatchSeen | Missing | None
    dataset: DatasetSeen | Missing
    selection: SelectionSeen | Missing
    training: TrainingReport | Missing
    evaluation: EvaluationReport | Missing
    gates: GateReport | Missing
    package: PackageManifest | Missing


@dataclass(frozen=True)
class Evidence:
    """What is known of one live version up to a moment; lists are oldest first."""

    version: Version
    run: RunRecord | Missing
    documents: Documents
    deployments: tuple[Deployment, ...]
    rollouts: tuple[Rollout, ...]
    events: dict[str, tuple[Event, ...]]
    rollbacks: tuple[RollbackRequest, ...]
    decisions: tuple[Decision, ...]
    alerts: tuple[Alert, ...]
    cut: tuple[str, ...]
    items: tuple[EvidenceItem, ...]


def gather(records: Records, objects: Objects, live: Live, before: datetime) -> Evidence:
    """Return the evidence of a live version.

    What began at or after ``before`` is left out; what began earlier is shown as it stands now.

    Raises:
        NotFound: no such version.
        ControlPlaneUnavailable, StoreUnavailable: no answer; nothing is reported as a gap.
    """
    version = records.version(live.model, live.version)
    run = _run(records, version)
    reader = Reader(objects)
    documents = _documents(reader, version, {} if isinstance(run, Missing) else run.results)
    rollouts = records.rollouts(model=live.model)
    decisions, alerts = records.decisions(), records.alerts(model=live.model)
    listed = {"rollouts": rollouts, "decisions": decisions, "alerts": alerts}
    shown = tuple(r for r in reversed(rollouts) if r.opened_at < before)
    dags = {f"{live.model}_train", f"{live.model}_release"}
    return Evidence(
        version=version,
        run=run,
        documents=documents,
        deployments=deployments(rollouts, before),
        rollouts=shown,
        events={one.id: records.rollout_events(one.id) for one in shown},
        rollbacks=tuple(
            one for one in reversed(records.rollbacks(live.endpoint)) if one.at < before
        ),
        decisions=tuple(
            one for one in reversed(decisions) if one.run.dag_id in dags and one.opened_at < before
        ),
        alerts=tuple(one for one in reversed(alerts) if one.raised_at < before),
        cut=tuple(name for name, found in listed.items() if len(found) >= NEWEST),
        items=reader.items,
    )


def _run(records: Records, version: Version) -> RunRecord | Missing:
    ref = version.run
    try:
        return records.run(ref.dag_id, ref.run_id)
    except NotFound:
        return Missing(
            what=f"the training run {ref.dag_id} {ref.run_id} has no record",
            remedy="A run is reported by its last task, `settle`: clear that task in Airflow",
        )


def _documents(reader: Reader, version: Version, results: dict[str, str]) -> Documents:
    reader.cite("package", version.package_uri, version.package_digest)
    reader.cite("model", version.package_uri, version.model_digest)
    arrived = reader.artifact(results, "acquire/dataset", DatasetSeen)
    parted = "quarantine" in results
    dataset = reader.artifact(results, "quarantine/dataset", DatasetSeen) if parted else arrived
    if not isinstance(dataset, Missing):
        reader.cite("dataset", dataset.uri, dataset.digest)
        dataset = _registered("dataset", dataset, dataset.digest, version.dataset_digest)
    trained = "train" if "train" in results and "select" not in results else "select"
    return Documents(
        spec=_spec(reader, version),
        arrived=arrived,
        validation=reader.artifact(results, "validate/report", ValidationReport),
        batch=reader.artifact(results, "quarantine/batch", BatchSeen) if parted else None,
        dataset=dataset,
        selection=reader.artifact(results, "select/selection", SelectionSeen),
        training=reader.artifact(results, f"{trained}/report", TrainingReport),
        evaluation=_evaluation(reader, version, results),
        gates=reader.artifact(results, "gate/report", GateReport),
        package=reader.load(
            "package/manifest",
            f"{version.package_uri}/{MANIFEST}",
            PackageManifest.model_validate_json,
            version.package_digest,
        ),
    )


def _spec(reader: Reader, version: Version) -> CompiledSpec | Missing:
    def parse(data: bytes) -> CompiledSpec:
        return compiled.from_bytes(data, version.spec_uri)

    found = reader.load("spec", version.spec_uri, parse)
    if isinstance(found, Missing):
        return found
    return _registered("spec", found, found.digest, version.spec_digest)


def _evaluation(
    reader: Reader, version: Version, results: dict[str, str]
) -> EvaluationReport | Missing:
    found = reader.artifact(results, "evaluate/report", EvaluationReport)
    if isinstance(found, Missing):
        return found
    return _registered("evaluated model", found, found.model_digest, version.model_digest)


def _registered(name: str, document: Kind, found: str, registered: str) -> Kind | Missing:
    """Return the document, or why it does not speak of what was registered."""
    if found == registered:
        return document
    short = f"{digest.short(found)}, not {digest.short(registered)}"
    what = f"the {name} is not the registered one: {short}"
    return Missing(what=what, remedy="Train the model again")
