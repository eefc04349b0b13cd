"""Asks people what becomes of a stage whose evidence gives no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.decisions import OpenDecision
from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.decisions.staging import DEFAULT, KIND, OPTIONS, StageMatter
from include.errors import BadInput
from include.rollout.telling import question
from operators.at_stage import AtStage
from operators.run import run_ref
from operators.stage import StageOperator

if TYPE_CHECKING:
    from include.client.messages.decisions import Decision
    from include.client.messages.registry import Version
    from operators.stage import Open


class AskAboutStageOperator(StageOperator):
    """Opens the decision and returns its id; a second call finds the first one's.

    The answer is bound to the rollout, the stage, and what people are shown of it.

    Args:
        stage: Stage of the plan, counted from the last: -1.
        title: Title of the model.
    """

    ui_color = "#fdf3d8"

    def __init__(self, *, stage: int, title: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.title = title

    def acts_until(self) -> RolloutState:
        """Stages end with the promotion."""
        return RolloutState.STAGED

    def proceed(self, opened: Open) -> str | None:
        """Open the decision.

        Raises:
            BadInput: the control plane holds nothing that was seen of the stage.
        """
        at = AtStage.of(opened.rollout, self.stage)
        if at.state is not StageState.UNDECIDED:
            self.log.info("nothing to ask: %s is %s", at.name, at.state)
            return (at.record.decision_id or None) if at.record else None
        decision = self._ask(opened, at)
        self.log.info(
            "decision %s: one of %s answers until %s, else %s",
            decision.id, ", ".join(decision.roles), decision.deadline, decision.default,
        )  # fmt: skip
        return decision.id

    def _ask(self, opened: Open, at: AtStage) -> Decision:
        rollout, record = at.rollout, at.record
        if record is None or record.seen is None:
            raise BadInput("nothing was seen", where=f"{at.name} of rollout {rollout.id}")
        plan = rollout.plan
        return opened.control_plane.open_decision(
            OpenDecision(
                kind=KIND,
                title=f"{self.title} {rollout.version}: {at.name} gave no verdict. Go on?",
                body=question(rollout, record) + overridden(opened.candidate()),
                subject=f"{rollout.model} {rollout.version} {at.name}",
                subject_digest=StageMatter(rollout.id, at.index, record.seen, rollout.run).digest,
                options=OPTIONS,
                default=DEFAULT,
                roles=plan.undecided_roles,
                deadline_seconds=plan.undecided_seconds,
                run=run_ref(opened.context),
            )
        )


def overridden(version: Version) -> str:
    """Return what has to be said of a version whose gates did not pass; else nothing."""
    return f"\n\n**Override.** {version.override.words}" if version.override else ""
