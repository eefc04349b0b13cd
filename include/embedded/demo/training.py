"""A training run of the demo, from the operator's trigger to the record it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.client.messages.runs import RunState
from include.embedded.demo import damage, evidence
from include.embedded.demo.follow import Deadline, Follower, follow
from include.embedded.demo.summary import AlertTold, OverrideTold, TrainingTold
from include.embedded.demo.trigger import trigger
from include.errors import AirworthyError
from include.store.open import open_store
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.client.messages.alerts import Alert
    from include.client.messages.runs import RunRecord
    from include.embedded.demo.answers import Answerer
    from include.embedded.demo.follow import RunKey
    from include.embedded.demo.people import Person
    from include.embedded.demo.progress import Progress

_SECONDS = 600


class Unexpected(AirworthyError):
    """The story took another turn than it promises."""


@dataclass(frozen=True)
class Trainer:
    """Trains a model on one partition after another, as the operator.

    Attributes:
        logs: Where a person reads why something did not happen.
    """

    model: str
    operator: Person
    answerer: Answerer
    progress: Progress
    logs: str

    def train(self, partition: str, *, insist: str = "") -> TrainingTold:
        """Trigger a run, tell it to its end, and return what it left.

        Args:
            partition: Batch to train on.
            insist: Why the approver lets a candidate in whose gates did not pass; without a
                reason nobody is asked.

        Raises:
            NotInTime: The run did not end before its deadline.
            InfrastructureError: Airflow or the control plane did not answer.
        """
        run = self._trigger(partition, ask=bool(insist))
        follower = Follower(self.operator.airflow, run, self.progress)
        deadline = Deadline(f"{run.dag_id} to end", _SECONDS, f"{self.logs}/airflow")
        follow(follower, deadline, self.progress, lambda: self.answerer.look(run, insist))
        record = self.operator.control_plane.run(run.dag_id, run.run_id)
        return self._told(record)

    def _trigger(self, partition: str, *, ask: bool) -> RunKey:
        dag_id = f"{self.model}_train"
        run = trigger(self.operator, dag_id, {"partition": partition, "ask_override": ask})
        self.progress.event(f"{dag_id} triggered by {self.operator.name}, partition {partition}")
        return run

    def _told(self, record: RunRecord) -> TrainingTold:
        validated = damage.result(record, "validate")
        gated = damage.result(record, "gate")
        outcome = validated.outcome if validated else "none"
        rules = damage.rules(validated)
        raised = self.operator.control_plane.alerts(model=self.model)
        return TrainingTold(
            partition=record.partition,
            run_id=record.run.run_id,
            state=record.state.value,
            reason=record.reason,
            data_verdict=outcome,
            gates=f"{gated.outcome}: {gated.message}" if gated else "",
            version=record.version,
            quarantined=damage.rows(validated)
            if validated and "quarantine" in record.results
            else 0,
            rules=rules,
            evidence=evidence.told(record, open_store()),
            override=self._override(record),
            alerts=tuple(told(one) for one in raised if one.run.run_id == record.run.run_id),
        )

    def _override(self, record: RunRecord) -> OverrideTold | None:
        if not record.version:
            return None
        version = self.operator.control_plane.version(self.model, record.version)
        decision = self.answerer.of(record.run.run_id)
        if version.override is None or decision is None:
            return None
        return OverrideTold(
            by=decision.answered_by,
            reason=decision.reason,
            asked_by=decision.asked_by,
            gates=version.override.gates,
        )


def told(alert: Alert) -> AlertTold:
    """Return an alert as the summary keeps it."""
    return AlertTold(
        title=alert.title,
        severity=alert.severity,
        deliveries=tuple(
            f"{one.channel}: {one.state.value}" + (f" ({one.detail})" if one.detail else "")
            for one in alert.deliveries
        ),
    )


def require_registered(run: TrainingTold) -> None:
    """Insist that a good batch led to a version, and that no gate failed on it.

    A gate may be inconclusive: then the version carries who accepted that, and why.

    Raises:
        Unexpected: It did not; the message carries the run's own reason.
    """
    if run.state != RunState.SUCCEEDED.value or not run.version:
        raise Unexpected(f"the good batch led to no version: {run.reason}", value=run.state)
    if run.gates.startswith(Verdict.FAIL.value):
        raise Unexpected("gates failed on the good batch", value=run.gates)


def require_quarantined(run: TrainingTold) -> None:
    """Insist that bad rows were set aside with reasons, and that the run went on to its gates.

    Raises:
        Unexpected: One of these did not happen.
    """
    if run.data_verdict != "quarantine" or not run.quarantined or not run.rules:
        raise Unexpected("the damaged batch was not quarantined", value=run.data_verdict)
    if not run.gates:
        raise Unexpected(f"the damaged batch never reached the gates: {run.reason}")


def require_overridden(run: TrainingTold) -> None:
    """Insist that gates did not pass, and that a second person let the candidate in by name.

    Raises:
        Unexpected: One of these did not happen.
    """
    if not run.gates.startswith(Verdict.FAIL.value):
        raise Unexpected("the gates did not fail on the mislabelled batch", value=run.gates)
    if run.override is None or not run.version:
        raise Unexpected(f"nobody let the candidate in: {run.reason}", value=run.state)
    if not run.override.asked_by or run.override.by == run.override.asked_by:
        raise Unexpected("the one who asked let it in", value=run.override.by)


def require_stopped(run: TrainingTold) -> None:
    """Insist that a contract-breaking batch stopped the run and raised an alert.

    Raises:
        Unexpected: One of these did not happen.
    """
    if run.data_verdict != "stop" or run.state != RunState.STOPPED.value:
        raise Unexpected("the broken batch was not stopped", value=run.state)
    if not run.alerts or not all(alert.deliveries for alert in run.alerts):
        raise Unexpected("the stopped run left no alert with its delivery")
