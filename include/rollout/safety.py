"""What an owner may want of an endpoint at each point, and what an end must leave behind.

Nothing of a candidate before it is approved, no traffic for it but what the current stage of the
plan gives it, and no end that leaves a version which nobody promoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState
from include.errors import Conflict, StopRequested
from include.rollout.clearing import CLEARED, FOLLOWERS
from include.rollout.machine import may_promote
from include.rollout.planning import ALL_TRAFFIC
from include.rollout.progress import progress_of
from include.rollout.stages import is_at

if TYPE_CHECKING:
    from include.client.messages.plans import PlannedStage
    from include.client.messages.rollouts import EndpointRecord, Rollout, VariantWish

_HELD = frozenset(FOLLOWERS) | CLEARED
"""States of a stage whose split stands; after a failure it does not come back."""


def is_safe(variants: tuple[VariantWish, ...], live: str) -> bool:
    """Say whether they are the live version alone with all traffic, or nothing if none is live."""
    if not live:
        return not variants
    split = sum(variant.weight for variant in variants) == ALL_TRAFFIC
    alone = all(variant.version == live and not variant.mirror for variant in variants)
    return split and alone


def is_of_stage(
    variants: tuple[VariantWish, ...], stage: PlannedStage, stable: str, candidate: str
) -> bool:
    """Say whether they are the split of a stage: each version with its weight and its mirror."""
    weight = 0 if stage.kind == "shadow" else stage.percent
    mirror = stage.percent if stage.kind == "shadow" else 0
    due = {candidate: (weight, mirror)}
    if stable:
        due[stable] = (ALL_TRAFFIC - weight, 0)
    return _shares(variants) == due


def current_stage(rollout: Rollout) -> PlannedStage | None:
    """Return the stage whose split may be wanted now; None where there is none."""
    if rollout.state is not RolloutState.STAGED or not rollout.stages:
        return None
    record = rollout.stages[-1]
    return rollout.plan.stages[record.index] if record.state in _HELD else None


def check_wanted(rollout: Rollout, live: str, variants: tuple[VariantWish, ...]) -> None:
    """Let pass the live version alone, and the candidate beside it as its rollout has come.

    Raises:
        StopRequested: It is more than the live version, and people asked the rollout to stop.
        Conflict: A third version, a candidate that is not approved, or a split that is not the
            one of the current stage.
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
    fault = _fault(rollout, live, variants)
    if fault:
        raise Conflict(
            f"rollout {rollout.id} {fault}",
            where=f"endpoint {rollout.endpoint}",
            value=told(variants),
            remedy="Want the live version, or the split of the current stage",
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
        Conflict: The endpoint is wanted otherwise, or a stage was not cleared.
    """
    if state is RolloutState.PROMOTED:
        check_promotable(rollout)
    live = rollout.version if state is RolloutState.PROMOTED else endpoint.live_version
    if not is_safe(endpoint.variants, live):
        raise Conflict(
            f"a rollout that ends as {state} leaves {live or 'nothing'} and nothing else",
            where=f"endpoint {endpoint.name}",
            value=told(endpoint.variants),
            remedy=f"Want {live + ' with all traffic' if live else 'no variants'} first",
        )


def check_promotable(rollout: Rollout) -> None:
    """Let pass a rollout whose every stage was cleared.

    Raises:
        Conflict: One was not.
    """
    if not may_promote(rollout.plan, progress_of(rollout)):
        states = [record.state.value for record in rollout.stages]
        raise Conflict(
            f"not every one of its {len(rollout.plan.stages)} stages was cleared",
            where=f"rollout {rollout.id}",
            value=states,
            remedy="Clear them in order",
        )


def told(variants: tuple[VariantWish, ...]) -> str:
    """Return a split as people read it."""
    return ", ".join(map(_share, variants)) or "nothing"


def _fault(rollout: Rollout, live: str, variants: tuple[VariantWish, ...]) -> str:
    if is_safe(variants, rollout.version):
        can = may_promote(rollout.plan, progress_of(rollout))
        if can or _is_current(rollout, live, variants):
            return ""
        return f"is {rollout.state}: not every stage was cleared"
    if _is_current(rollout, live, variants):
        return ""
    if not _is_dark(variants, live):
        return f"is {rollout.state}, and this is not the split of its current stage"
    if is_at(rollout.state, RolloutState.STAGED):
        return "has traffic or is mirrored: it does not become dark again"
    if not is_at(rollout.state, RolloutState.APPROVED):
        return f"is {rollout.state} and not {RolloutState.APPROVED}"
    return ""


def _is_current(rollout: Rollout, live: str, variants: tuple[VariantWish, ...]) -> bool:
    stage = current_stage(rollout)
    return stage is not None and is_of_stage(variants, stage, live, rollout.version)


def _is_dark(variants: tuple[VariantWish, ...], live: str) -> bool:
    others = [variant for variant in variants if variant.version != live]
    has_none = all(variant.weight == variant.mirror == 0 for variant in others)
    return has_none and is_safe(tuple(v for v in variants if v.version == live), live)


def _shares(variants: tuple[VariantWish, ...]) -> dict[str, tuple[int, int]]:
    shares: dict[str, tuple[int, int]] = {}
    for variant in variants:
        weight, mirror = shares.get(variant.version, (0, 0))
        shares[variant.version] = (weight + variant.weight, mirror + variant.mirror)
    return shares


def _share(variant: VariantWish) -> str:
    mirrored = f" (mirror {variant.mirror} %)" if variant.mirror else ""
    return f"{variant.version} {variant.weight} %{mirrored}"
