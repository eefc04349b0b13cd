"""What was answered to an idempotency key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from include.errors import Conflict
from plugins.airworthy.api.storage.base import Table
from plugins.airworthy.api.storage.store import Store


@dataclass(frozen=True)
class Ask:
    """A request that must have one effect however often it is sent."""

    key: str
    principal: str
    route: str
    digest: str


class ReplyRow(Table):
    """The first answer to a key of a caller on a route."""

    __tablename__ = "idempotency"

    key: Mapped[str] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    status: Mapped[int]
    response: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Replies(Store):
    """The answered keys of one scope."""

    def given(self, ask: Ask) -> bytes | None:
        """Return the answer that was given before; duplicates in flight wait for the first.

        Raises:
            Conflict: The key was used for another request.
        """
        self.hold("idempotency", ask.key, ask.principal, ask.route)
        row = self.session.get(ReplyRow, (*self.key, ask.key, ask.principal, ask.route))
        if row is None:
            return None
        if row.request_digest != ask.digest:
            raise Conflict(
                "the idempotency key was used for another request",
                value=ask.key,
                remedy="Use a fresh key for each request",
            )
        return row.response

    def keep(self, ask: Ask, response: bytes, at: datetime) -> None:
        """Store the answer."""
        self.session.add(
            ReplyRow(
                **self.columns,
                key=ask.key,
                principal=ask.principal,
                route=ask.route,
                request_digest=ask.digest,
                status=200,
                response=response,
                created_at=at,
            )
        )
