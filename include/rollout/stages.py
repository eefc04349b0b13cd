"""Where a rollout stands on its way, and what its endpoint should be at each point of it.

Opened, approved, dark (deployed, 0 %), verified (smoke-tested), staged (the stages of its plan),
promoted (alone). Everything can be asked for again without harm: what is behind a rollout is not
done a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState, VariantWish
from include.rollout.planning import ALL_TRAFFIC
from include.rollout.states import is_end

if TYPE_CHECKING:
    from include.client.messages.plans import PlannedStage
    from include.client.messages.registry import Version

WAY = (
    RolloutState.OPENED,
    RolloutState.APPROVED,
    RolloutState.DARK,
    RolloutState.VERIFIED,
    RolloutState.STAGED,
    RolloutState.PROMOTED,
)


def is_behind(now: RolloutState, stage: RolloutState) -> bool:
    """Say whether a rollout has left ``stage`` behind, by going on or by ending."""
    return is_end(now) or WAY.index(now) > WAY.index(stage)


def is_at(now: RolloutState, stage: RolloutState) -> bool:
    """Say whether a rollout has come as far as ``stage`` on its way and has not ended short."""
    return now in WAY and WAY.index(now) >= WAY.index(stage)


def steps_to(now: RolloutState, stage: RolloutState) -> tuple[RolloutState, ...]:
    """Return the states to pass, in order, from ``now`` to ``stage``; none where it is reached.

    ``staged`` is never among them: a rollout comes there with its first stage.
    """
    if is_end(now):
        return ()
    way = WAY[WAY.index(now) + 1 : WAY.index(stage) + 1]
    return tuple(step for step in way if step is not RolloutState.STAGED)


def variant_name(version: str) -> str:
    """Return the name of the variant that serves a version."""
    return "v" + version.replace(".", "_")


def version_of(variant: str) -> str:
    """Return the version that a variant of this name serves."""
    return variant.removeprefix("v").replace("_", ".")


def wish(version: Version, weight: int, mirror: int = 0) -> VariantWish:
    """Return the variant that serves a version at a weight and a mirrored share, in percent."""
    return VariantWish(
        name=variant_name(version.version),
        version=version.version,
        package_uri=version.package_uri,
        package_digest=version.package_digest,
        weight=weight,
        mirror=mirror,
    )


def dark(present: tuple[VariantWish, ...], candidate: Version) -> tuple[VariantWish, ...]:
    """Return the present variants as they are, and the candidate without traffic."""
    return (*_others(present, candidate), wish(candidate, 0))


def staged(
    stage: PlannedStage, stable: Version | None, candidate: Version
) -> tuple[VariantWish, ...]:
    """Return stable version and candidate as a stage wants them.

    In the shadow the candidate answers to nobody; at 100 % the stable version stays up without
    traffic, to fall back on.
    """
    is_shadow = stage.kind == "shadow"
    weight, mirror = (0, stage.percent) if is_shadow else (stage.percent, 0)
    others = () if stable is None else (wish(stable, ALL_TRAFFIC - weight),)
    return (*others, wish(candidate, weight, mirror))


def settled(live: Version | None) -> tuple[VariantWish, ...]:
    """Return the safe state of an endpoint: the live version alone, or nothing at all."""
    return () if live is None else (wish(live, ALL_TRAFFIC),)


def _others(present: tuple[VariantWish, ...], candidate: Version) -> tuple[VariantWish, ...]:
    name = variant_name(candidate.version)
    return tuple(variant for variant in present if variant.name != name)
