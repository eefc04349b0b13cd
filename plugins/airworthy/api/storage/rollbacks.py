"""Wishes of people to go back to an earlier version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.plans import RollbackRequest
from plugins.airworthy.api.storage.base import Audited, Table
from plugins.airworthy.api.storage.store import MOST, Store

_PLAIN = (
    "id",
    "kind",
    "endpoint",
    "model",
    "version",
    "from_version",
    "by",
    "reason",
    "at",
    "rollout_id",
    "closed_at",
)


class RollbackRow(Audited, Table):
    """A person's wish, the rollout that carries it out, and when that ended."""

    __tablename__ = "rollback"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant", "environment", "endpoint"],
            ["endpoint.tenant", "endpoint.environment", "endpoint.name"],
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    endpoint: Mapped[str] = mapped_column(index=True)
    model: Mapped[str]
    version: Mapped[str]
    from_version: Mapped[str]
    by: Mapped[str] = mapped_column("requested_by")
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column("requested_at")
    rollout_id: Mapped[str]
    closed_at: Mapped[datetime | None]

    @property
    def subject(self) -> tuple[str, str]:
        """The request itself."""
        return "rollback", self.id

    def message(self) -> RollbackRequest:
        """Return the request as it travels."""
        return RollbackRequest.model_validate({name: getattr(self, name) for name in _PLAIN})


class Rollbacks(Store):
    """The requests of one scope."""

    def get(self, rollback_id: str) -> RollbackRequest | None:
        """Return one request."""
        row = self.session.get(RollbackRow, (*self.key, rollback_id), populate_existing=True)
        return row.message() if row else None

    def open_of(self, endpoint: str) -> RollbackRequest | None:
        """Return the request about an endpoint that is not closed."""
        row = self.session.scalar(
            self.mine(RollbackRow).where(
                RollbackRow.endpoint == endpoint, RollbackRow.closed_at.is_(None)
            )
        )
        return row.message() if row else None

    def of_endpoint(self, endpoint: str) -> tuple[RollbackRequest, ...]:
        """Return the requests about an endpoint, newest first."""
        wanted = self.mine(RollbackRow).where(RollbackRow.endpoint == endpoint)
        rows = self.session.scalars(wanted.order_by(RollbackRow.id.desc()).limit(MOST))
        return tuple(row.message() for row in rows)

    def put(self, request: RollbackRequest) -> None:
        """Store a request, new or changed."""
        self.session.merge(
            RollbackRow(**self.columns, **{name: getattr(request, name) for name in _PLAIN})
        )
        self.session.flush()
