"""Alerts and their deliveries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from include.client.messages.alerts import Alert, Delivery
from plugins.airworthy.api.storage.base import Audited, OfRun, Table
from plugins.airworthy.api.storage.store import MOST, Store

_PLAIN = ("id", "fingerprint", "severity", "title", "body", "model", "link", "raised_at")


class DeliveryRow(Audited, Table):
    """One attempt to deliver an alert."""

    __tablename__ = "alert_delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant", "environment", "alert"], ["alert.tenant", "alert.environment", "alert.id"]
        ),
    )

    alert: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    state: Mapped[str]
    detail: Mapped[str]
    at: Mapped[datetime]

    @property
    def subject(self) -> tuple[str, str]:
        """The alert that was delivered, or not."""
        return "alert", self.alert

    def message(self) -> Delivery:
        """Return the attempt as it travels."""
        return Delivery.model_validate({
            "channel": self.channel,
            "state": self.state,
            "detail": self.detail,
        })


class AlertRow(OfRun, Audited, Table):
    """An alert."""

    __tablename__ = "alert"
    __table_args__ = (UniqueConstraint("tenant", "environment", "fingerprint", name="fingerprint"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    severity: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    model: Mapped[str] = mapped_column(index=True)
    link: Mapped[str]
    raised_at: Mapped[datetime]
    deliveries: Mapped[list[DeliveryRow]] = relationship(
        order_by=DeliveryRow.number, lazy="selectin", viewonly=True
    )

    @property
    def subject(self) -> tuple[str, str]:
        """The alert itself."""
        return "alert", self.id

    def message(self) -> Alert:
        """Return the alert as it travels."""
        return Alert.model_validate({
            **{name: getattr(self, name) for name in _PLAIN},
            "run": self.run,
            "deliveries": tuple(delivery.message() for delivery in self.deliveries),
        })


class Alerts(Store):
    """The alerts of one scope."""

    def get(self, alert_id: str) -> Alert | None:
        """Return one alert."""
        row = self.session.get(AlertRow, (*self.key, alert_id), populate_existing=True)
        return row.message() if row else None

    def by_fingerprint(self, fingerprint: str) -> Alert | None:
        """Return the alert of a fingerprint."""
        row = self.session.scalar(self.mine(AlertRow).where(AlertRow.fingerprint == fingerprint))
        return row.message() if row else None

    def listed(self, model: str) -> tuple[Alert, ...]:
        """Return the alerts, newest first; of one model where given."""
        wanted = self.mine(AlertRow)
        if model:
            wanted = wanted.where(AlertRow.model == model)
        rows = self.session.scalars(wanted.order_by(AlertRow.id.desc()).limit(MOST))
        return tuple(row.message() for row in rows)

    def add(self, alert: Alert) -> None:
        """Store a new alert."""
        self.session.add(
            AlertRow(
                **self.columns,
                **{name: getattr(alert, name) for name in _PLAIN},
                **alert.run.model_dump(),
            )
        )
        self.session.flush()

    def append(self, alert_id: str, delivery: Delivery, at: datetime) -> None:
        """Store one more attempt to deliver an alert."""
        tenant, environment = self.key
        count = self.session.scalar(
            select(func.count())
            .select_from(DeliveryRow)
            .where(
                DeliveryRow.tenant == tenant,
                DeliveryRow.environment == environment,
                DeliveryRow.alert == alert_id,
            )
        )
        self.session.add(
            DeliveryRow(
                **self.columns,
                alert=alert_id,
                number=(count or 0) + 1,
                channel=delivery.channel,
                state=delivery.state.value,
                detail=delivery.detail,
                at=at,
            )
        )
        self.session.flush()
