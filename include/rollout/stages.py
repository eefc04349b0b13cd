"""Where a rollout stands on its way, and what its endpoint should be at each stage.

Opened, approved, dark (deployed, 0 %), verified (smoke-tested), promoted (100 %). Every stage can
be asked for again without harm: what is behind a rollout is not done a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState, VariantWish
from include.rollout.states import is_end

if TYPE_CHECKING:
    from include.client.messages.registry import Version

WAY = (
    RolloutState.OPENED,
    RolloutState.APPROVED,
    RolloutState.DARK,
    RolloutState.VERIFIED,
    RolloutState.PROMOTED,
)
ALL_TRAFFIC = 100


def is_behind(now: RolloutState, stage: RolloutState) -> bool:
    """Say whether a rollout has left ``stage`` behind, by going on or by ending."""
    return is_end(now) or WAY.index(now) > WAY.index(stage)


def is_at(now: RolloutState, stage: RolloutState) -> bool:
    """Say whether a rollout has come as far as ``stage`` on its way and has not ended short."""
    return now in WAY and WAY.index(now) >= WAY.index(stage)


def steps_to(now: RolloutState, stage: RolloutState) -> tuple[RolloutState, ...]:
    """Return the states to pass, in order, from ``now`` to ``stage``; none where it is reached."""
    return () if is_end(now) else WAY[WAY.index(now) + 1 : WAY.index(stage) + 1]


def variant_name(version: str) -> str:
    """Return the name of the variant that serves a version."""
    return "v" + version.replace(".", "_")


def wish(version: Version, weight: int) -> VariantWish:
    """Return the variant that serves a version at a weight, in percent."""
    return VariantWish(
        name=variant_name(version.version),
        version=version.version,
        package_uri=version.package_uri,
        package_digest=version.package_digest,
        weight=weight,
    )


def dark(present: tuple[VariantWish, ...], candidate: Version) -> tuple[VariantWish, ...]:
    """Return the present variants as they are, and the candidate without traffic."""
    return (*_others(present, candidate), wish(candidate, 0))


def shifted(present: tuple[VariantWish, ...], candidate: Version) -> tuple[VariantWish, ...]:
    """Return the candidate with all traffic; the others stay up without any, to fall back on."""
    others = (variant.model_copy(update={"weight": 0}) for variant in _others(present, candidate))
    return (*others, wish(candidate, ALL_TRAFFIC))


def settled(live: Version | None) -> tuple[VariantWish, ...]:
    """Return the safe state of an endpoint: the live version alone, or nothing at all."""
    return () if live is None else (wish(live, ALL_TRAFFIC),)


def _others(present: tuple[VariantWish, ...], candidate: Version) -> tuple[VariantWish, ...]:
    name = variant_name(candidate.version)
    return tuple(variant for variant in present if variant.name != name)
