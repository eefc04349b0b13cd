"""Endpoints: their owners and wanted states."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.rollouts import EndpointRecord
from plugins.airworthy.api.storage.base import Audited, Table
from plugins.airworthy.api.storage.store import Store

_PLAIN = ("name", "model", "owner", "fencing_token", "revision", "live_version", "rollback_target")


class EndpointRow(Audited, Table):
    """An endpoint, who owns it, and what it should be."""

    __tablename__ = "endpoint"

    name: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
    owner: Mapped[str]
    fencing_token: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)
    variants: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    live_version: Mapped[str]
    rollback_target: Mapped[str]

    @property
    def subject(self) -> tuple[str, str]:
        """The endpoint itself."""
        return "endpoint", self.name

    def message(self) -> EndpointRecord:
        """Return the endpoint as it travels."""
        return EndpointRecord.model_validate({
            **{name: getattr(self, name) for name in _PLAIN},
            "variants": self.variants,
        })


class Endpoints(Store):
    """The endpoints of one scope."""

    def get(self, name: str) -> EndpointRecord | None:
        """Return one endpoint."""
        row = self.session.get(EndpointRow, (*self.key, name))
        return row.message() if row else None

    def listed(self) -> tuple[EndpointRecord, ...]:
        """Return all endpoints by name."""
        rows = self.session.scalars(self.mine(EndpointRow).order_by(EndpointRow.name))
        return tuple(row.message() for row in rows)

    def put(self, endpoint: EndpointRecord) -> None:
        """Store an endpoint, new or changed."""
        self.session.merge(
            EndpointRow(
                **self.columns,
                **{name: getattr(endpoint, name) for name in _PLAIN},
                variants=[variant.model_dump(mode="json") for variant in endpoint.variants],
            )
        )
        self.session.flush()
