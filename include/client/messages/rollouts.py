"""Endpoints and the rollouts that own them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from include.client.messages.base import Message, RunRef
from include.client.messages.plans import ReleasePlan, StageRecord


class VariantWish(Message):
    """A variant as the control plane wants it."""

    name: str
    version: str
    package_uri: str
    package_digest: str
    weight: int
    replicas: int = 1
    mirror: int = Field(
        default=0, description="Percent of the requests that it also gets, answering to nobody."
    )


class EndpointRecord(Message):
    """An endpoint: its owner, its fencing token and its wanted state."""

    name: str
    model: str
    owner: str = Field(description="Rollout that owns it; empty when free.")
    fencing_token: int
    revision: int
    variants: tuple[VariantWish, ...]
    live_version: str = ""
    rollback_target: str = Field(
        default="", description="Version that was live and healthy before the live one."
    )


class WantVariants(Message):
    """Change the wanted state, as the owner."""

    fencing_token: int
    variants: tuple[VariantWish, ...]
    seen_revision: int = Field(
        default=0,
        description="Newest revision that the driver shows, where somebody else changed it: the "
        "new revision lies above it.",
    )


class RolloutState(StrEnum):
    """Where a rollout stands; the last six are ends."""

    OPENED = "opened"
    APPROVED = "approved"
    DARK = "dark"
    VERIFIED = "verified"
    STAGED = "staged"
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
    plan: ReleasePlan
    approval_required: bool = Field(
        default=False, description="Whether people have to approve it; frozen at the opening."
    )
    rollback_id: str = Field(
        default="", description="Request that a rollout of kind `rollback` carries out."
    )
    run: RunRef


class StopRequest(Message):
    """That somebody wants a rollout to stop; its owner ends it."""

    by: str
    reason: str
    at: datetime
    superseded_by: str = Field(default="", description="Newer version that takes its place.")


class Rollout(Message):
    """A rollout and the token its owner must show."""

    id: str
    endpoint: str
    model: str
    version: str
    stable_version: str = Field(description="Version that was live at the start; empty for none.")
    plan: ReleasePlan
    plan_digest: str
    stages: tuple[StageRecord, ...] = Field(default=(), description="Those that have begun.")
    rollback_id: str = ""
    state: RolloutState
    reason: str
    fencing_token: int
    is_first_release: bool
    approval_required: bool
    decision_id: str = Field(default="", description="Decision that approved it; empty for none.")
    stop: StopRequest | None = Field(default=None, description="The first request to stop it.")
    run: RunRef
    opened_at: datetime
    ended_at: datetime | None = None


class MoveRollout(Message):
    """Move a rollout to its next state; an end gives the endpoint back.

    A person moves it to ``stopped`` and nowhere else: this is recorded, and its owner ends it.
    """

    state: RolloutState
    reason: str
    fencing_token: int
    decision_id: str = Field(
        default="", description="Answered decision that lets it be `approved`, where one is needed."
    )


class BreakEndpoint(Message):
    """Free an endpoint whose owner died; it is to be its live version, and its rollout stopped."""

    reason: str = Field(min_length=3)
    live_version: str = Field(
        description="Version that is to have all the traffic, as the caller knows it: the live "
        "one; empty where nothing is live, so that nothing is left."
    )


class ReclaimEndpoint(Message):
    """Free an endpoint of which Airflow says that its owner's run is over."""

    rollout: str = Field(description="Rollout that owns it, as the caller knows it.")
