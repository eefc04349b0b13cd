"""Endpoints and the rollouts that own them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from include.client.messages.base import Message, RunRef


class VariantWish(Message):
    """A variant as the control plane wants it."""

    name: str
    version: str
    package_uri: str
    package_digest: str
    weight: int
    replicas: int = 1


class EndpointRecord(Message):
    """An endpoint: its owner, its fencing token and its wanted state."""

    name: str
    model: str
    owner: str = Field(description="Rollout that owns it; empty when free.")
    fencing_token: int
    revision: int
    variants: tuple[VariantWish, ...]
    live_version: str = ""


class WantVariants(Message):
    """Change the wanted state, as the owner."""

    fencing_token: int
    variants: tuple[VariantWish, ...]


class RolloutState(StrEnum):
    """Where a rollout stands; the last six are ends."""

    OPENED = "opened"
    APPROVED = "approved"
    DARK = "dark"
    VERIFIED = "verified"
    PROMOTED = "promoted"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    STOPPED = "stopped"


class OpenRollout(Message):
    """Begin a rollout; takes the endpoint when it is free. Idempotent by (endpoint, run)."""

    endpoint: str
    model: str
    version: str
    plan_digest: str
    run: RunRef


class Rollout(Message):
    """A rollout and the token its owner must show."""

    id: str
    endpoint: str
    model: str
    version: str
    plan_digest: str
    state: RolloutState
    reason: str
    fencing_token: int
    is_first_release: bool
    run: RunRef
    opened_at: datetime
    ended_at: datetime | None = None


class MoveRollout(Message):
    """Move a rollout to its next state; an end gives the endpoint back."""

    state: RolloutState
    reason: str
    fencing_token: int


class BreakEndpoint(Message):
    """Free an endpoint whose owner died; its rollout ends as stopped."""

    reason: str = Field(min_length=3)
