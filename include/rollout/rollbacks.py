"""Going back after a promotion: who may be gone back to, and how the release is told.

The way to the previous version is a rollout of kind ``rollback``, started by an event of the asset
``x-airworthy://models/<model>/rollback``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from include.client.messages.rollouts import RolloutState
from include.errors import BadInput, Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.client.messages.plans import RollbackRequest
    from include.client.messages.rollouts import EndpointRecord, OpenRollout, Rollout

KIND = "rollback_requested"


class RollbackWanted(BaseModel):
    """Payload of the event, as it waits in the outbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    version: str
    rollback_id: str

    @property
    def asset_name(self) -> str:
        """Name of the asset whose event starts the release."""
        return f"airworthy_rollback_{self.model}"

    @property
    def asset_uri(self) -> str:
        """URI of that asset."""
        return f"x-airworthy://models/{self.model}/rollback"


def announcement(request: RollbackRequest) -> RollbackWanted:
    """Return what to tell Airflow of a request."""
    return RollbackWanted(model=request.model, version=request.version, rollback_id=request.id)


def target_after(rollout: Rollout, history: Iterable[Rollout]) -> str:
    """Return the version to go back to once ``rollout`` is promoted; empty for none.

    After a release it is the version that was live. After going back from X to Y it is what was
    live when Y was last released, and never X: one does not bounce back to what was just left.

    Args:
        rollout: The rollout that is promoted.
        history: Earlier rollouts of the endpoint, newest first.
    """
    if rollout.plan.kind != "rollback":
        return rollout.stable_version
    released = (
        earlier
        for earlier in history
        if earlier.version == rollout.version
        and earlier.state is RolloutState.PROMOTED
        and earlier.plan.kind != "rollback"
    )
    before = next((earlier.stable_version for earlier in released), "")
    return "" if before == rollout.stable_version else before


def check_possible(endpoint: EndpointRecord, live_version: str) -> None:
    """Let pass a request to leave the live version for the last healthy one before it.

    Raises:
        Conflict: Another version is live than the person saw, or none is known to go back to.
    """
    if live_version != endpoint.live_version:
        raise Conflict(
            f"live is {endpoint.live_version or 'nothing'}",
            where=f"endpoint {endpoint.name}",
            value=live_version,
            remedy="Look at the endpoint again",
        )
    if not endpoint.rollback_target:
        raise Conflict(
            "no version that was live and healthy before is known",
            where=f"endpoint {endpoint.name}",
            remedy="Release a version of your choice instead, by its number",
        )


def check_carries(
    request: RollbackRequest | None, message: OpenRollout, endpoint: EndpointRecord
) -> None:
    """Let pass a rollout that carries out an open request which nobody else carries out.

    Raises:
        BadInput: There is no such request, or it is about another version.
        Conflict: It is closed, carried out by another rollout, or another version is live by now.
    """
    where = f"rollback {message.rollback_id}"
    if request is None or request.endpoint != message.endpoint:
        raise BadInput("no such request", where=where, remedy="List the endpoint's rollbacks")
    if request.version != message.version:
        raise BadInput(f"it is about {request.version}", where=where, value=message.version)
    if request.closed_at is not None or request.rollout_id:
        raise Conflict(
            f"rollout {request.rollout_id or 'none'} carries it out, or did",
            where=where,
            remedy="Nothing is left to do",
        )
    if request.from_version != endpoint.live_version:
        raise Conflict(
            f"live is {endpoint.live_version or 'nothing'} by now, and not {request.from_version}",
            where=where,
            remedy="Ask again, if the version that is live now has to go",
        )
