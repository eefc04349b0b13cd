"""Runs of our DAGs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.base import RunRef
from include.client.messages.runs import RunRecord
from plugins.airworthy.api.storage.base import Audited, Table
from plugins.airworthy.api.storage.store import MOST, Store

_PLAIN = ("model", "kind", "partition", "reason", "version", "updated_at")


class RunRow(Audited, Table):
    """What is known of a run."""

    __tablename__ = "run"

    dag_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str]
    try_number: Mapped[int]
    map_index: Mapped[int]
    model: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    partition: Mapped[str] = mapped_column("partition_name")
    state: Mapped[str]
    reason: Mapped[str]
    version: Mapped[str]
    results: Mapped[dict[str, str]] = mapped_column(JSON)
    updated_at: Mapped[datetime]

    @property
    def subject(self) -> tuple[str, str]:
        """The run itself."""
        return "run", f"{self.dag_id}/{self.run_id}"

    def message(self) -> RunRecord:
        """Return the run as it travels."""
        return RunRecord.model_validate({
            **{name: getattr(self, name) for name in _PLAIN},
            "state": self.state,
            "results": self.results,
            "run": RunRef(
                dag_id=self.dag_id,
                run_id=self.run_id,
                task_id=self.task_id,
                try_number=self.try_number,
                map_index=self.map_index,
            ),
        })


class Runs(Store):
    """The runs of one scope."""

    def get(self, dag_id: str, run_id: str) -> RunRecord | None:
        """Return one run."""
        row = self.session.get(RunRow, (*self.key, dag_id, run_id))
        return row.message() if row else None

    def listed(self, model: str, kind: str) -> tuple[RunRecord, ...]:
        """Return the runs, last changed first; of one model or kind where given."""
        wanted = self.mine(RunRow)
        if model:
            wanted = wanted.where(RunRow.model == model)
        if kind:
            wanted = wanted.where(RunRow.kind == kind)
        rows = self.session.scalars(
            wanted.order_by(RunRow.updated_at.desc(), RunRow.run_id).limit(MOST)
        )
        return tuple(row.message() for row in rows)

    def put(self, record: RunRecord) -> None:
        """Store a run, new or changed."""
        self.session.merge(
            RunRow(
                **self.columns,
                **{name: getattr(record, name) for name in _PLAIN},
                **record.run.model_dump(),
                state=record.state.value,
                results=dict(record.results),
            )
        )
        self.session.flush()
