"""Events that wait to be handed out, at least once each and in order within a topic.

The relay claims what is due, hands it out, and acknowledges it or puts it off. A claim is a lease:
what a dead relay had claimed is due again when the lease ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column
from ulid import ULID

from include.relay.backoff import LEASE, pause
from plugins.airworthy.api.storage.base import Table
from plugins.airworthy.api.storage.store import Store

if TYPE_CHECKING:
    from pydantic import BaseModel


class OutboxRow(Table):
    """One event on its way out; delivered ones stay as a record."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    failures: Mapped[int]
    last_error: Mapped[str]
    delivered_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Letter:
    """One claimed event.

    Attributes:
        id: What to acknowledge or put off.
        kind: What it is, for example ``version_registered``.
        payload: JSON document of that kind.
        failures: Deliveries that failed so far.
    """

    id: str
    kind: str
    payload: str
    failures: int


class Outbox(Store):
    """The outbox of one scope; only technical columns change, so that no audit event is due."""

    def add(self, kind: str, payload: BaseModel, at: datetime) -> str:
        """Put an event into the outbox and return its id."""
        letter = str(ULID.from_datetime(at))
        self.session.add(
            OutboxRow(
                **self.columns,
                id=letter,
                kind=kind,
                payload=payload.model_dump_json(),
                created_at=at,
                due_at=at,
                failures=0,
                last_error="",
                delivered_at=None,
            )
        )
        return letter

    def claim(self, now: datetime, limit: int) -> tuple[Letter, ...]:
        """Lease what is due, oldest first; nobody else gets it before the lease ends."""
        rows = self.session.scalars(
            self
            .mine(OutboxRow)
            .where(OutboxRow.due_at <= now)
            .order_by(OutboxRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.due_at = now + LEASE
        return tuple(Letter(row.id, row.kind, row.payload, row.failures) for row in rows)

    def acknowledge(self, letter_id: str, now: datetime) -> None:
        """Note that an event arrived; it is never claimed again."""
        row = self.session.get(OutboxRow, (*self.key, letter_id))
        if row is not None:
            row.due_at, row.delivered_at = None, now

    def put_off(self, letter_id: str, error: str, now: datetime) -> datetime | None:
        """Note that a delivery failed, and return when it is due again."""
        row = self.session.get(OutboxRow, (*self.key, letter_id))
        if row is None or row.delivered_at is not None:
            return None
        row.failures += 1
        row.last_error = error[:500]
        row.due_at = now + pause(row.failures)
        return row.due_at

    def waiting(self) -> int:
        """Return how many events are not delivered yet."""
        undelivered = self.mine(OutboxRow).where(OutboxRow.delivered_at.is_(None))
        return len(self.session.scalars(undelivered).all())
