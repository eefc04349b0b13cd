"""Audit events in the order in which they were committed, and their erasable payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKeyConstraint, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from include.audit.entry import read
from include.errors import BadInput
from plugins.airworthy.api.storage.base import Table
from plugins.airworthy.api.storage.store import MOST, Store

if TYPE_CHECKING:
    from sqlalchemy import Select

    from include.audit.entry import Entry
    from include.client.messages.audit import Event


class EventRow(Table):
    """An audit event: the attested bytes under a dense number.

    ``about`` repeats kind and id of its object for queries; it is not attested.
    """

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("tenant", "environment", "id", name="id"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    about: Mapped[str] = mapped_column(index=True)


class PayloadRow(Table):
    """What an event commits to and what may be erased alone."""

    __tablename__ = "audit_payload"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant", "environment", "seq"],
            ["audit_event.tenant", "audit_event.environment", "audit_event.seq"],
        ),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class AuditTrail(Store):
    """The trail of one scope; numbers are dense, from 0, in the order of the commits."""

    def append(self, entry: Entry) -> None:
        """Store an entry behind all others; writers queue here until they commit."""
        self.hold("audit")
        tenant, environment = self.key
        last = self.session.scalar(
            select(func.max(EventRow.seq)).where(
                EventRow.tenant == tenant, EventRow.environment == environment
            )
        )
        seq = 0 if last is None else last + 1
        row = EventRow(**self.columns, seq=seq, id=entry.id, body=entry.body, about=entry.about)
        self.session.add(row)
        self.session.flush()
        self.session.add(
            PayloadRow(**self.columns, seq=seq, salt=entry.salt, payload=entry.payload)
        )
        self.session.flush()

    def events(self, after: str, limit: int) -> tuple[Event, ...]:
        """Return events in order, beginning behind the event ``after``.

        Raises:
            BadInput: There is no event ``after``.
        """
        wanted = self.mine(EventRow).order_by(EventRow.seq).limit(limit)
        if after:
            start = self.session.scalar(self.mine(EventRow).where(EventRow.id == after))
            if start is None:
                raise BadInput("no such event", value=after, remedy="Begin without `after`")
            wanted = wanted.where(EventRow.seq > start.seq)
        return self._read(wanted)

    def about(self, kind: str, object_id: str) -> tuple[Event, ...]:
        """Return the newest events about one object, oldest of them first."""
        mine = self.mine(EventRow).where(EventRow.about == f"{kind}/{object_id}")
        return self._read(mine.order_by(EventRow.seq.desc()).limit(MOST))[::-1]

    def _read(self, wanted: Select[tuple[EventRow]]) -> tuple[Event, ...]:
        rows = list(self.session.scalars(wanted))
        payloads = self._payloads([row.seq for row in rows])
        return tuple(read(row.body, payloads.get(row.seq)) for row in rows)

    def _payloads(self, numbers: list[int]) -> dict[int, bytes]:
        rows = self.session.scalars(self.mine(PayloadRow).where(PayloadRow.seq.in_(numbers)))
        return {row.seq: row.payload for row in rows}
