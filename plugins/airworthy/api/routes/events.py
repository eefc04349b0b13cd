"""Audit events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from include.access.naming import ULID
from include.access.permission import Action
from include.client.messages.audit import Event
from plugins.airworthy.api.call import Allowed, Call

router = APIRouter(prefix="/events", tags=["events"])


@router.get("")
def events(
    call: Annotated[Call, Depends(Allowed(Action.READ_EVENTS))],
    after: Annotated[str, Query(pattern=rf"^$|{ULID}")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> tuple[Event, ...]:
    """Return audit events in the order of their commits, beginning behind ``after``."""
    return call.read(lambda stores: stores.trail.events(after, limit))
