"""What was live when, from the rollouts that were promoted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState

if TYPE_CHECKING:
    from include.client.messages.rollouts import Rollout


@dataclass(frozen=True)
class Live:
    """A version that is live somewhere: what a report is about."""

    model: str
    version: str
    endpoint: str


@dataclass(frozen=True)
class Deployment:
    """A version with all the traffic of an endpoint, from a moment on.

    Attributes:
        until: When the next version took over; none while it is live.
    """

    model: str
    version: str
    endpoint: str
    since: datetime
    until: datetime | None
    rollout_id: str
    kind: str


def end_of(day: date) -> datetime:
    """Return the moment that follows the day (UTC)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def deployments(rollouts: tuple[Rollout, ...], before: datetime) -> tuple[Deployment, ...]:
    """Return what had all the traffic of each endpoint, oldest first.

    Args:
        rollouts: Of any models, in any order.
        before: Promotions at or after this moment are left out.
    """
    promoted = sorted(
        ((r.endpoint, r.ended_at, r.id, r) for r in rollouts
         if r.state is RolloutState.PROMOTED and r.ended_at and r.ended_at < before),
        key=lambda entry: entry[:3],
    )  # fmt: skip
    following = [*promoted[1:], None][: len(promoted)]
    return tuple(
        Deployment(
            model=rollout.model,
            version=rollout.version,
            endpoint=endpoint,
            since=since,
            until=later[1] if later and later[0] == endpoint else None,
            rollout_id=rollout.id,
            kind=rollout.plan.kind,
        )
        for (endpoint, since, _, rollout), later in zip(promoted, following, strict=True)
    )


def live(rollouts: tuple[Rollout, ...], before: datetime) -> tuple[Live, ...]:
    """Return what was live at that moment, one an endpoint."""
    return tuple(
        Live(one.model, one.version, one.endpoint)
        for one in deployments(rollouts, before)
        if one.until is None
    )
