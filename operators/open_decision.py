"""Asks people whether a version may be released."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.decisions import OpenDecision
from include.client.messages.rollouts import RolloutState
from include.decisions.approving import KIND
from operators.open_rollout import approval
from operators.run import run_ref
from operators.stage import StageOperator

if TYPE_CHECKING:
    from include.client.messages.registry import Version
    from include.spec.model import Spec
    from operators.stage import Open

APPROVE, REFUSE = "approve", "refuse"


class OpenDecisionOperator(StageOperator):
    """Opens the decision and returns its id; a second call finds the first one's.

    The answer is bound to the digest of the package.

    Args:
        spec: Spec of the model.
    """

    def __init__(self, *, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def acts_until(self) -> RolloutState:
        """Nobody is asked about a rollout that was approved or ended."""
        return RolloutState.OPENED

    def proceed(self, opened: Open) -> str:
        """Open the decision."""
        version, plan = opened.candidate(), opened.rollout.plan
        asked = approval(self.spec, plan.kind)
        when = " for the first time" if plan.kind == "first" else ""
        decision = opened.control_plane.open_decision(
            OpenDecision(
                kind=KIND,
                title=f"Release {self.spec.title} {version.version}{when}?",
                body=body(version, self.spec),
                subject=f"{version.model} {version.version}",
                subject_digest=version.package_digest,
                options=(APPROVE, REFUSE),
                default=REFUSE,
                roles=asked.roles,
                deadline_seconds=asked.deadline_hours * 3600,
                run=run_ref(opened.context),
            )
        )
        self.log.info(
            "decision %s: one of %s answers until %s, else %s",
            decision.id, ", ".join(decision.roles), decision.deadline, decision.default,
        )  # fmt: skip
        return decision.id


def body(version: Version, spec: Spec) -> str:
    """Return what the person who decides should know, in Markdown."""
    metrics = [
        f"- {m.name}: {m.value:.4g}"
        + (
            f" [{m.lower:.4g}, {m.upper:.4g}]"
            if m.lower is not None and m.upper is not None
            else ""
        )
        for m in version.metrics
    ]
    gates = [f"- {gate.name}: {gate.verdict.value} ({gate.message})" for gate in version.gates]
    override = [f"\n**Override.** {version.override.words}"] if version.override else []
    return "\n".join((
        spec.purpose.strip(),
        f"\nEndpoint `{spec.release.endpoint}`, materiality {spec.materiality}.",
        "\nMetrics on the untouched test window:",
        *metrics,
        "\nGates:",
        *gates,
        *override,
    ))
