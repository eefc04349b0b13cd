"""Audit events."""

from __future__ import annotations

from datetime import datetime

from include.client.messages.base import Message


class Event(Message):
    """One audit event, written in the transaction of the change it tells of."""

    id: str
    at: datetime
    actor_kind: str
    actor: str
    authn: str
    action: str
    object_type: str
    object_id: str
    object_digest: str
    outcome: str
    reason: str
    request_id: str
