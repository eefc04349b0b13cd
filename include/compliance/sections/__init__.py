"""The sections of a report, one module each; a section is never left out.

Each has ``section(evidence)``; ``ALL`` is their order. ``parts`` is what they are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.sections import (
    alerts,
    calibration,
    comparison,
    data,
    decisions,
    deployments,
    digests,
    explanations,
    fairness,
    gates,
    identity,
    metrics,
    rollouts,
    training,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.compliance.evidence import Evidence
    from include.compliance.records import Section

ALL: tuple[Callable[[Evidence], Section], ...] = (
    identity.section,
    data.section,
    training.section,
    metrics.section,
    calibration.section,
    comparison.section,
    fairness.section,
    explanations.section,
    gates.section,
    decisions.section,
    rollouts.section,
    deployments.section,
    alerts.section,
    digests.section,
)
