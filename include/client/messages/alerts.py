"""Alerts and what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from include.client.messages.base import Message, RunRef


class DeliveryState(StrEnum):
    """What became of an alert on one channel."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"


class RaiseAlert(Message):
    """Record an alert. Idempotent by ``fingerprint``."""

    fingerprint: str
    severity: Literal["info", "warning", "critical"]
    title: str
    body: str
    model: str
    link: str = ""
    run: RunRef


class Delivery(Message):
    """One attempt to deliver an alert."""

    channel: str
    state: DeliveryState
    detail: str = ""


class Alert(Message):
    """An alert and what became of it."""

    id: str
    fingerprint: str
    severity: str
    title: str
    body: str
    model: str
    link: str
    run: RunRef
    raised_at: datetime
    deliveries: tuple[Delivery, ...] = ()
