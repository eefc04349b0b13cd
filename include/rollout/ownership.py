"""Who owns an endpoint. Owning does not expire: it ends with the rollout, or is broken.

Each new owner gets a greater fencing token; whoever shows an older one is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import Conflict, FencedOut

if TYPE_CHECKING:
    from include.client.messages.rollouts import EndpointRecord


def check_free(endpoint: EndpointRecord, model: str) -> int:
    """Return the fencing token of the next owner of a free endpoint.

    Raises:
        Conflict: Another rollout owns it, or it serves another model.
    """
    if endpoint.model != model:
        raise Conflict(
            f"the endpoint serves {endpoint.model}",
            where=f"endpoint {endpoint.name}",
            value=model,
            remedy="Name another endpoint in the spec",
        )
    if endpoint.owner:
        raise Conflict(
            f"rollout {endpoint.owner} owns the endpoint",
            where=f"endpoint {endpoint.name}",
            remedy="Wait for its end; an admin can break it when its run is dead",
        )
    return endpoint.fencing_token + 1


def check_token(endpoint: EndpointRecord, token: int) -> None:
    """Let pass the present owner.

    Raises:
        FencedOut: Nobody owns the endpoint, or somebody with another token does.
    """
    if not endpoint.owner or token != endpoint.fencing_token:
        owner = f"rollout {endpoint.owner}" if endpoint.owner else "nobody"
        raise FencedOut(
            f"{owner} owns the endpoint under token {endpoint.fencing_token}",
            where=f"endpoint {endpoint.name}",
            value=token,
            remedy="This rollout no longer owns the endpoint and has to end",
        )
