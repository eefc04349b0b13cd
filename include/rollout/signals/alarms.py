"""The budget of false alarms: one level for every test of harm that a plan can make.

The plan's probability is divided evenly over all tests of all stages (Bonferroni), each stage
counted twice since people may let it be watched once more, from the beginning. No dependence
between tests, stages and looks can break the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.client.messages.plans import PlannedStage, ReleasePlan

WATCHES = 2
_EVERYBODY = 100
_ALONE = 2
"""Errors and slow answers, each above its absolute limit."""
_BESIDE = 5
"""Those two, each more than the stable version's, and the distribution."""


def has_beside(plan: ReleasePlan, stage: PlannedStage) -> bool:
    """Say whether the stable version answers beside the candidate."""
    is_all = stage.kind == "canary" and stage.percent >= _EVERYBODY
    return plan.kind == "canary" and not is_all


def harm_tests(plan: ReleasePlan, stage: PlannedStage) -> int:
    """Return how many tests of harm one watch of a stage makes."""
    if not has_beside(plan, stage):
        return _ALONE
    has_labels = plan.signals.quality is not None
    return _BESIDE + (stage.kind == "shadow") + has_labels


def level(plan: ReleasePlan) -> float:
    """Return the level alpha of each test."""
    return plan.false_alarms / (WATCHES * sum(harm_tests(plan, stage) for stage in plan.stages))
