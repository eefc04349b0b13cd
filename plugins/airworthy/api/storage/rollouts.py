"""Rollouts, and the latest look at the stage that each one is at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.plans import ReleasePlan, StageRecord, StageSeen
from include.client.messages.rollouts import Rollout, RolloutState, StopRequest
from include.rollout.clearing import WATCHED
from plugins.airworthy.api.storage.base import Audited, OfRun, Table
from plugins.airworthy.api.storage.store import MOST, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select

_PLAIN = (
    "id",
    "endpoint",
    "model",
    "version",
    "stable_version",
    "plan_digest",
    "rollback_id",
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
    stable_version: Mapped[str]
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    plan_digest: Mapped[str]
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    rollback_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    fencing_token: Mapped[int] = mapped_column(BigInteger)
    is_first_release: Mapped[bool]
    approval_required: Mapped[bool]
    decision_id: Mapped[str]
    stop_by: Mapped[str]
    stop_reason: Mapped[str]
    stop_superseded_by: Mapped[str]
    stop_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def subject(self) -> tuple[str, str]:
        """The rollout itself."""
        return "rollout", self.id

    def message(self) -> Rollout:
        """Return the rollout as it travels, without looks."""
        return Rollout(
            **{name: getattr(self, name) for name in _PLAIN},
            # From JSON, where a tuple is a list.
            plan=ReleasePlan.model_validate(self.plan),
            stages=tuple(StageRecord.model_validate(stage) for stage in self.stages),
            state=RolloutState(self.state),
            stop=self.stop,
            run=self.run,
        )

    @property
    def stop(self) -> StopRequest | None:
        """The request to stop, where there was one."""
        if self.stop_at is None:
            return None
        return StopRequest(
            by=self.stop_by,
            reason=self.stop_reason,
            at=self.stop_at,
            superseded_by=self.stop_superseded_by,
        )


class LookRow(Table):
    """The latest look at the stage of a rollout that is watched: no state, and not audited."""

    __tablename__ = "stage_look"

    rollout: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[int]
    seen: Mapped[dict[str, Any]] = mapped_column(JSON)
    looked_at: Mapped[datetime]


class Rollouts(Store):
    """The rollouts of one scope."""

    def get(self, rollout_id: str) -> Rollout | None:
        """Return one rollout."""
        row = self.session.get(RolloutRow, (*self.key, rollout_id), populate_existing=True)
        return self._messages([row])[0] if row else None

    def of_run(self, endpoint: str, dag_id: str, run_id: str) -> Rollout | None:
        """Return the rollout that a run opened on an endpoint."""
        row = self.session.scalar(
            self.mine(RolloutRow).where(
                RolloutRow.endpoint == endpoint,
                RolloutRow.dag_id == dag_id,
                RolloutRow.run_id == run_id,
            )
        )
        return self._messages([row])[0] if row else None

    def of_endpoint(self, endpoint: str) -> tuple[Rollout, ...]:
        """Return the rollouts of an endpoint, newest first."""
        return self._newest(self.mine(RolloutRow).where(RolloutRow.endpoint == endpoint))

    def running(self, model: str) -> tuple[Rollout, ...]:
        """Return the rollouts of a model that have not ended."""
        open_ones = RolloutRow.model == model, RolloutRow.ended_at.is_(None)
        return self._newest(self.mine(RolloutRow).where(*open_ones))

    def listed(self, model: str, state: RolloutState | None) -> tuple[Rollout, ...]:
        """Return the rollouts, newest first; of one model or in one state where given."""
        wanted = self.mine(RolloutRow)
        if model:
            wanted = wanted.where(RolloutRow.model == model)
        if state is not None:
            wanted = wanted.where(RolloutRow.state == state.value)
        return self._newest(wanted)

    def put(self, rollout: Rollout) -> None:
        """Store a rollout, new or changed."""
        stop = rollout.stop
        self.session.merge(
            RolloutRow(
                **self.columns,
                **{name: getattr(rollout, name) for name in _PLAIN},
                **rollout.run.model_dump(),
                plan=rollout.plan.model_dump(mode="json"),
                stages=[stage.model_dump(mode="json") for stage in rollout.stages],
                state=rollout.state.value,
                stop_by=stop.by if stop else "",
                stop_reason=stop.reason if stop else "",
                stop_superseded_by=stop.superseded_by if stop else "",
                stop_at=stop.at if stop else None,
            )
        )
        self.session.flush()

    def look(self, rollout_id: str, stage: int, seen: StageSeen, at: datetime) -> None:
        """Store the latest look at the stage of a rollout."""
        self.session.merge(
            LookRow(
                **self.columns,
                rollout=rollout_id,
                stage=stage,
                seen=seen.model_dump(mode="json"),
                looked_at=at,
            )
        )
        self.session.flush()

    def _newest(self, wanted: Select[tuple[RolloutRow]]) -> tuple[Rollout, ...]:
        rows = self.session.scalars(wanted.order_by(RolloutRow.id.desc()).limit(MOST))
        return self._messages(rows)

    def _messages(self, rows: Iterable[RolloutRow]) -> tuple[Rollout, ...]:
        found = tuple(row.message() for row in rows)
        watched = [one.id for one in found if one.stages and one.stages[-1].state in WATCHED]
        if not watched:
            return found
        looks = self.session.scalars(self.mine(LookRow).where(LookRow.rollout.in_(watched)))
        latest = {look.rollout: look for look in looks}
        return tuple(_with_look(one, latest.get(one.id)) for one in found)


def _with_look(rollout: Rollout, look: LookRow | None) -> Rollout:
    if look is None or look.stage != rollout.stages[-1].index:
        return rollout
    seen = StageSeen.model_validate(look.seen)
    newest = rollout.stages[-1].model_copy(update={"seen": seen})
    return rollout.model_copy(update={"stages": (*rollout.stages[:-1], newest)})
