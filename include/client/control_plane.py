"""The control plane as a Python object: one method a route, messages in and out.

Every method raises, besides what its route means: ``Forbidden`` (401, 403), ``NotFound`` (404),
``BadInput`` (413, 422), ``Conflict`` and its kinds (409), ``ControlPlaneUnavailable`` (no answer,
or 5xx, after bounded retries).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import httpx

from include.client.messages.alerts import Alert
from include.client.messages.audit import Event
from include.client.messages.callers import Caller
from include.client.messages.decisions import Decision
from include.client.messages.plans import RollbackRequest
from include.client.messages.registry import Version
from include.client.messages.rollouts import EndpointRecord, Rollout
from include.client.messages.runs import RunRecord
from include.client.paths import get, path_of
from include.client.retries import Retries
from include.client.transport import TIMEOUT, Call, fresh_key, read, send
from include.client.workload import WorkloadTokens
from include.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from include.client.messages.alerts import Delivery, RaiseAlert
    from include.client.messages.base import Message
    from include.client.messages.decisions import AnswerDecision, ExtendDecision, OpenDecision
    from include.client.messages.plans import MoveStage, RequestRollback
    from include.client.messages.registry import RegisterVersion
    from include.client.messages.rollouts import (
        BreakEndpoint,
        MoveRollout,
        OpenRollout,
        ReclaimEndpoint,
        WantVariants,
    )
    from include.client.messages.runs import ReportRun
    from include.clock import Clock

    TokenSource = Callable[[], str]

Answer = TypeVar("Answer")


class ControlPlane:
    """A client that blocks; for tasks, the command line and the relay.

    Args:
        base_url: Address of the control plane, without ``/api/v1``.
        token_source: Returns a bearer token; asked before every request.
        clock: Bounds the retries.
        retries: How often and how long a request is tried.
        transport: Replaces the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        token_source: TokenSource,
        *,
        clock: Clock | None = None,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._token_source = token_source
        self._clock = clock or SystemClock()
        self._retries = retries or Retries()
        self._client = httpx.Client(base_url=base_url, timeout=TIMEOUT, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def whoami(self) -> Caller:
        """Return who the control plane thinks is calling."""
        return self._ask(get("whoami"), Caller)

    def register_version(
        self, message: RegisterVersion, idempotency_key: str | None = None
    ) -> Version:
        """Register a package as the next semantic version; the same digest gives the same one."""
        return self._write("POST", path_of("versions"), message, Version, idempotency_key)

    def versions(self, model: str) -> tuple[Version, ...]:
        """Return the versions of a model."""
        return self._ask(get("models", model, "versions"), tuple[Version, ...])

    def version(self, model: str, version: str) -> Version:
        """Return one version of a model."""
        return self._ask(get("models", model, "versions", version), Version)

    def endpoints(self) -> tuple[EndpointRecord, ...]:
        """Return every endpoint."""
        return self._ask(get("endpoints"), tuple[EndpointRecord, ...])

    def endpoint(self, name: str) -> EndpointRecord:
        """Return one endpoint."""
        return self._ask(get("endpoints", name), EndpointRecord)

    def want_variants(
        self, name: str, message: WantVariants, idempotency_key: str | None = None
    ) -> EndpointRecord:
        """Change the wanted variants of an endpoint, as its owner."""
        path = path_of("endpoints", name, "variants")
        return self._write("PUT", path, message, EndpointRecord, idempotency_key)

    def break_endpoint(
        self, name: str, message: BreakEndpoint, idempotency_key: str | None = None
    ) -> EndpointRecord:
        """Bring an endpoint whose owner died to its live version and free it, as an admin."""
        path = path_of("endpoints", name, "break")
        return self._write("POST", path, message, EndpointRecord, idempotency_key)

    def reclaim_endpoint(
        self, name: str, message: ReclaimEndpoint, idempotency_key: str | None = None
    ) -> EndpointRecord:
        """Do what ``break_endpoint`` does, where Airflow says that the owner's run is over."""
        path = path_of("endpoints", name, "reclaim")
        return self._write("POST", path, message, EndpointRecord, idempotency_key)

    def open_rollout(self, message: OpenRollout, idempotency_key: str | None = None) -> Rollout:
        """Begin a rollout and take the endpoint, if it is free."""
        return self._write("POST", path_of("rollouts"), message, Rollout, idempotency_key)

    def rollout(self, rollout_id: str) -> Rollout:
        """Return one rollout."""
        return self._ask(get("rollouts", rollout_id), Rollout)

    def rollouts(self, *, model: str = "", state: str = "") -> tuple[Rollout, ...]:
        """Return the rollouts, of one model or in one state where given."""
        return self._ask(get("rollouts", model=model, state=state), tuple[Rollout, ...])

    def move_rollout(
        self, rollout_id: str, message: MoveRollout, idempotency_key: str | None = None
    ) -> Rollout:
        """Move a rollout on, as the owner of its endpoint; or ask it to stop, as a person."""
        path = path_of("rollouts", rollout_id, "moves")
        return self._write("POST", path, message, Rollout, idempotency_key)

    def move_stage(
        self,
        rollout_id: str,
        index: int,
        message: MoveStage,
        idempotency_key: str | None = None,
    ) -> Rollout:
        """Move one stage of a rollout, as the owner of its endpoint."""
        path = path_of("rollouts", rollout_id, "stages", str(index), "moves")
        return self._write("POST", path, message, Rollout, idempotency_key)

    def rollout_events(self, rollout_id: str) -> tuple[Event, ...]:
        """Return what happened to a rollout, oldest first."""
        return self._ask(get("rollouts", rollout_id, "events"), tuple[Event, ...])

    def request_rollback(
        self, endpoint: str, message: RequestRollback, idempotency_key: str | None = None
    ) -> RollbackRequest:
        """Ask for the previous version, as a person; the open request answers again."""
        path = path_of("endpoints", endpoint, "rollback")
        return self._write("POST", path, message, RollbackRequest, idempotency_key)

    def rollbacks(self, endpoint: str) -> tuple[RollbackRequest, ...]:
        """Return the requests to go back, newest first."""
        return self._ask(get("endpoints", endpoint, "rollbacks"), tuple[RollbackRequest, ...])

    def open_decision(self, message: OpenDecision, idempotency_key: str | None = None) -> Decision:
        """Ask people; the same kind, digest and run give the same decision."""
        return self._write("POST", path_of("decisions"), message, Decision, idempotency_key)

    def decision(self, decision_id: str) -> Decision:
        """Return one decision."""
        return self._ask(get("decisions", decision_id), Decision)

    def decisions(self, *, state: str = "") -> tuple[Decision, ...]:
        """Return the decisions, in one state where given."""
        return self._ask(get("decisions", state=state), tuple[Decision, ...])

    def answer_decision(
        self, decision_id: str, message: AnswerDecision, idempotency_key: str | None = None
    ) -> Decision:
        """Answer a decision, as a person with one of its roles."""
        path = path_of("decisions", decision_id, "answer")
        return self._write("POST", path, message, Decision, idempotency_key)

    def extend_decision(
        self, decision_id: str, message: ExtendDecision, idempotency_key: str | None = None
    ) -> Decision:
        """Move the deadline of a decision, once."""
        path = path_of("decisions", decision_id, "extension")
        return self._write("POST", path, message, Decision, idempotency_key)

    def raise_alert(self, message: RaiseAlert, idempotency_key: str | None = None) -> Alert:
        """Record an alert; the same fingerprint gives the same alert."""
        return self._write("POST", path_of("alerts"), message, Alert, idempotency_key)

    def alerts(self, *, model: str = "") -> tuple[Alert, ...]:
        """Return the alerts, of one model where given."""
        return self._ask(get("alerts", model=model), tuple[Alert, ...])

    def alert(self, alert_id: str) -> Alert:
        """Return one alert."""
        return self._ask(get("alerts", alert_id), Alert)

    def deliver(
        self, alert_id: str, message: Delivery, idempotency_key: str | None = None
    ) -> Alert:
        """Record one attempt to deliver an alert."""
        path = path_of("alerts", alert_id, "deliveries")
        return self._write("POST", path, message, Alert, idempotency_key)

    def report_run(self, message: ReportRun, idempotency_key: str | None = None) -> RunRecord:
        """Create or update the record of a run."""
        return self._write("PUT", path_of("runs"), message, RunRecord, idempotency_key)

    def runs(self, *, model: str = "", kind: str = "") -> tuple[RunRecord, ...]:
        """Return the runs, of one model or kind where given."""
        return self._ask(get("runs", model=model, kind=kind), tuple[RunRecord, ...])

    def run(self, dag_id: str, run_id: str) -> RunRecord:
        """Return the record of one run."""
        return self._ask(get("runs", dag_id, run_id), RunRecord)

    def events(self, *, after: str = "", limit: int = 100) -> tuple[Event, ...]:
        """Return audit events in order, beginning behind the event ``after``."""
        return self._ask(get("events", after=after, limit=str(limit)), tuple[Event, ...])

    def _write(
        self, method: str, path: str, message: Message, kind: type[Answer], key: str | None
    ) -> Answer:
        headers = {"Idempotency-Key": key or fresh_key()}
        call = Call(method, path, body=message.model_dump_json(), headers=headers)
        return self._ask(call, kind)

    def _ask(self, call: Call, kind: type[Answer]) -> Answer:
        response = self._send(call)
        if response.status_code == 401 and isinstance(self._token_source, WorkloadTokens):
            self._token_source.forget()
            response = self._send(call)
        return read(response, kind)

    def _send(self, call: Call) -> httpx.Response:
        signed = call.with_headers(Authorization=f"Bearer {self._token_source()}")
        return send(self._client, signed, self._retries, self._clock)
