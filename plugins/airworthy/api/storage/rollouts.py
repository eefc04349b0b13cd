"""Rollouts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.rollouts import Rollout, RolloutState, StopRequest
from plugins.airworthy.api.storage.base import Audited, OfRun, Table
from plugins.airworthy.api.storage.store import MOST, Store

_PLAIN = (
    "id",
    "endpoint",
    "model",
    "version",
    "plan_digest",
    "reason",
    "fencing_token",
    "is_first_release",
    "approval_required",
    "decision_id",
    "opened_at",
    "ended_at",
)


class RolloutRow(OfRun, Audited, Table):
    """A rollout of one version to one endpoint."""

    __tablename__ = "rollout"
    __table_args__ = (
        UniqueConstraint("tenant", "environment", "endpoint", "dag_id", "run_id", name="run"),
        ForeignKeyConstraint(
            ["tenant", "environment", "endpoint"],
            ["endpoint.tenant", "endpoint.environment", "endpoint.name"],
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    endpoint: Mapped[str]
    model: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    plan_digest: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    fencing_token: Mapped[int] = mapped_column(BigInteger)
    is_first_release: Mapped[bool]
    approval_required: Mapped[bool]
    decision_id: Mapped[str]
    stop_by: Mapped[str]
    stop_reason: Mapped[str]
    stop_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def subject(self) -> tuple[str, str]:
        """The rollout itself."""
        return "rollout", self.id

    def message(self) -> Rollout:
        """Return the rollout as it travels."""
        return Rollout.model_validate({
            **{name: getattr(self, name) for name in _PLAIN},
            "state": RolloutState(self.state),
            "stop": self.stop,
            "run": self.run,
        })

    @property
    def stop(self) -> StopRequest | None:
        """The request to stop, where there was one."""
        if self.stop_at is None:
            return None
        return StopRequest(by=self.stop_by, reason=self.stop_reason, at=self.stop_at)


class Rollouts(Store):
    """The rollouts of one scope."""

    def get(self, rollout_id: str) -> Rollout | None:
        """Return one rollout."""
        row = self.session.get(RolloutRow, (*self.key, rollout_id), populate_existing=True)
        return row.message() if row else None

    def of_run(self, endpoint: str, dag_id: str, run_id: str) -> Rollout | None:
        """Return the rollout that a run opened on an endpoint."""
        row = self.session.scalar(
            self.mine(RolloutRow).where(
                RolloutRow.endpoint == endpoint,
                RolloutRow.dag_id == dag_id,
                RolloutRow.run_id == run_id,
            )
        )
        return row.message() if row else None

    def listed(self, model: str, state: RolloutState | None) -> tuple[Rollout, ...]:
        """Return the rollouts, newest first; of one model or in one state where given."""
        wanted = self.mine(RolloutRow)
        if model:
            wanted = wanted.where(RolloutRow.model == model)
        if state is not None:
            wanted = wanted.where(RolloutRow.state == state.value)
        rows = self.session.scalars(wanted.order_by(RolloutRow.id.desc()).limit(MOST))
        return tuple(row.message() for row in rows)

    def put(self, rollout: Rollout) -> None:
        """Store a rollout, new or changed."""
        stop = rollout.stop
        self.session.merge(
            RolloutRow(
                **self.columns,
                **{name: getattr(rollout, name) for name in _PLAIN},
                **rollout.run.model_dump(),
                state=rollout.state.value,
                stop_by=stop.by if stop else "",
                stop_reason=stop.reason if stop else "",
                stop_at=stop.at if stop else None,
            )
        )
        self.session.flush()
