"""What an owner may want of an endpoint at each state, and what an end must leave behind.

Nothing of a candidate before it is approved, no traffic for it before it is verified, and no end
that leaves a version which nobody promoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState
from include.errors import Conflict, StopRequested
from include.rollout.stages import ALL_TRAFFIC, is_at

if TYPE_CHECKING:
    from include.client.messages.rollouts import EndpointRecord, Rollout, VariantWish


def is_safe(variants: tuple[VariantWish, ...], live: str) -> bool:
    """Say whether they are the live version alone with all traffic, or nothing if none is live."""
    if not live:
        return not variants
    split = sum(variant.weight for variant in variants) == ALL_TRAFFIC
    return split and all(variant.version == live for variant in variants)


def check_wanted(rollout: Rollout, live: str, variants: tuple[VariantWish, ...]) -> None:
    """Let pass the live version alone, and the candidate beside it as far as its rollout has come.

    Raises:
        StopRequested: It is more than the live version, and people asked the rollout to stop.
        Conflict: A third version, a candidate that is not approved, or traffic that moves to one
            which is not verified.
    """
    if is_safe(variants, live):
        return
    for version in {variant.version for variant in variants} - {live, rollout.version}:
        raise Conflict(
            f"neither the live version nor the one of rollout {rollout.id}",
            where=f"endpoint {rollout.endpoint}",
            value=version,
            remedy="Open a rollout of that version",
        )
    check_not_stopped(rollout)
    needed = RolloutState.APPROVED if _is_dark(variants, live) else RolloutState.VERIFIED
    if not is_at(rollout.state, needed):
        raise Conflict(
            f"rollout {rollout.id} is {rollout.state} and not {needed}",
            where=f"endpoint {rollout.endpoint}",
            value=_split(variants),
            remedy=f"Move it to {needed} first",
        )


def check_not_stopped(rollout: Rollout) -> None:
    """Let pass a rollout that nobody asked to stop.

    Raises:
        StopRequested: Somebody did.
    """
    if rollout.stop is not None:
        raise StopRequested(
            f"{rollout.stop.by} asked it to stop: {rollout.stop.reason}",
            where=f"rollout {rollout.id}",
            remedy="Bring its endpoint to the live version and end it as stopped",
        )


def check_end(rollout: Rollout, endpoint: EndpointRecord, state: RolloutState) -> None:
    """Let pass an end that leaves one promoted version with all traffic, or nothing.

    Raises:
        Conflict: The endpoint is wanted otherwise.
    """
    live = rollout.version if state is RolloutState.PROMOTED else endpoint.live_version
    if not is_safe(endpoint.variants, live):
        raise Conflict(
            f"a rollout that ends as {state} leaves {live or 'nothing'} and nothing else",
            where=f"endpoint {endpoint.name}",
            value=_split(endpoint.variants),
            remedy=f"Want {live + ' with all traffic' if live else 'no variants'} first",
        )


def _is_dark(variants: tuple[VariantWish, ...], live: str) -> bool:
    others = (variant for variant in variants if variant.version != live)
    has_no_traffic = all(variant.weight == 0 for variant in others)
    return has_no_traffic and is_safe(tuple(v for v in variants if v.version == live), live)


def _split(variants: tuple[VariantWish, ...]) -> str:
    return ", ".join(f"{v.version} {v.weight} %" for v in variants) or "nothing"
