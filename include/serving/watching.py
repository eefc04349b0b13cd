"""What an observation says of a stage: is it what was wanted, by whom, and is everybody well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evidence import split
from include.rollout.planning import ALL_TRAFFIC
from include.rollout.stages import variant_name
from include.serving.endpoint import Health

if TYPE_CHECKING:
    from include.client.messages.plans import StageRecord
    from include.client.messages.rollouts import Rollout
    from include.evidence.tally import Evidence
    from include.serving.endpoint import Observation, VariantState

MOST_CRASHES = 3
"""Restarts of the candidate within one wait that are no accident any more."""


def wanted_weights(rollout: Rollout, index: int) -> dict[str, int]:
    """Return the weight of each variant that a stage wants, in percent, by its name."""
    stage = rollout.plan.stages[index]
    weight = 0 if stage.kind == "shadow" else stage.percent
    weights = {variant_name(rollout.version): weight}
    if rollout.stable_version:
        weights[variant_name(rollout.stable_version)] = ALL_TRAFFIC - weight
    return weights


def foreign(rollout: Rollout, record: StageRecord, observation: Observation) -> str:
    """Return how the endpoint is somebody else's; empty where it is as this rollout wanted it.

    A driver shows weight 0 for a variant that cannot answer: this is nobody's wish.
    """
    if observation.foreign:
        return f"somebody else changed the endpoint: {observation.foreign}"
    ours = (record.revision, rollout.fencing_token)
    if (observation.revision, observation.fencing_token) != ours:
        return (
            f"somebody else changed the endpoint: it is at revision {observation.revision} under "
            f"token {observation.fencing_token}, and ours is {ours[0]} under {ours[1]}"
        )
    wanted = wanted_weights(rollout, record.index)
    shown = {state.name: state.weight for state in observation.variants}
    other = [
        f"{name} {weight} %"
        for name, weight in shown.items()
        if weight not in {0, wanted.get(name)}
    ]
    return f"somebody else changed the weights: {', '.join(other)}" if other else ""


def crashing(observation: Observation, variant: str, restarts: int) -> str:
    """Return how a variant crashes again and again; empty where it does not.

    Args:
        observation: What is there.
        variant: Name of the variant.
        restarts: How often it had been started anew when the wait began.
    """
    state = state_of(observation, variant)
    if state is None or state.health is Health.READY:
        return ""
    grown = state.restarts - restarts
    if grown < MOST_CRASHES:
        return ""
    told = f": {state.message}" if state.message else ""
    return f"{variant} does not stay up: {grown} restarts since the wait began{told}"


def sick(rollout: Rollout, index: int, observation: Observation) -> str:
    """Return why the stable version is nothing to compare with; empty where it is well."""
    if not rollout.stable_version:
        return ""
    name = variant_name(rollout.stable_version)
    state = state_of(observation, name)
    if wanted_weights(rollout, index)[name] == 0 or (state and state.health is Health.READY):
        return ""
    return f"the stable version {name} is {state.health.value if state else 'not there'}"


def lacking(rollout: Rollout, index: int, observation: Observation) -> str:
    """Return what a stage's split still lacks; empty where it is there."""
    for name, weight in wanted_weights(rollout, index).items():
        state = state_of(observation, name)
        if state is None:
            return f"{name} is not there"
        if state.health is not Health.READY or state.weight != weight:
            told = f": {state.message}" if state.message else ""
            return f"{name} {state.health.value}, {state.weight} % of {weight} %{told}"
    return ""


def measured(rollout: Rollout, index: int, evidence: Evidence) -> tuple[bool, str]:
    """Return whether the counted requests speak against the wanted split, and what they are."""
    percent = wanted_weights(rollout, index)[variant_name(rollout.version)]
    everybody = sum(tally.requests for tally in evidence.tallies)
    if not everybody:
        return False, "not measured: no requests yet"
    tally = evidence.tally(rollout.version)
    candidate = tally.requests if tally else 0
    units = any(tally.units for tally in evidence.tallies)
    told = f"{candidate} of {everybody} requests, {100 * candidate / everybody:.1f} %"
    behind = evidence.behind
    return split.is_off(candidate, everybody, percent, units=units, behind=behind), told


def state_of(observation: Observation, variant: str) -> VariantState | None:
    """Return what was observed of one variant; None where it is not there."""
    return next((state for state in observation.variants if state.name == variant), None)
