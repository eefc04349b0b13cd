"""How long the parts of a release may take, from its spec; a decision can be extended once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from include.rollout.planning import plan_of

if TYPE_CHECKING:
    from include.spec.model import Spec

_SLACK = timedelta(hours=6)


def readiness(spec: Spec) -> timedelta:
    """Return how long a variant, or a split, may take to be there."""
    return timedelta(minutes=spec.release.ready_timeout_minutes)


def approval(spec: Spec) -> timedelta:
    """Return how long people may take to approve a rollout."""
    asked = (spec.release.first_release, spec.release.approval)
    return timedelta(hours=2 * max(one.deadline_hours for one in asked) + 1)


def answer(spec: Spec) -> timedelta:
    """Return how long people may take to answer about a stage without a verdict."""
    return timedelta(hours=2 * spec.release.canary.undecided.deadline_hours + 1)


def release(spec: Spec) -> timedelta:
    """Return how long a release may take: every stage watched twice, everybody asked at leisure."""
    stages = (*plan_of(spec, "canary").stages, *plan_of(spec, "first").stages)
    watched = timedelta(seconds=2 * sum(stage.deadline_seconds for stage in stages))
    asked = approval(spec) + len(stages) * answer(spec)
    return watched + asked + 2 * len(stages) * readiness(spec) + _SLACK
