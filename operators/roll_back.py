"""Brings the live version back after a stage that failed, and tells people why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.alerts import stories
from include.client.messages.rollouts import RolloutState
from include.rollout.stages import settled
from include.rollout.telling import evidence, why_back
from operators.links.release import rollout_page
from operators.notifiers.delivery import deliver
from operators.run import run_ref
from operators.stage import StageOperator

if TYPE_CHECKING:
    from include.client.messages.rollouts import Rollout
    from include.spec.model import Spec
    from operators.stage import Open


class RollBackOperator(StageOperator):
    """Ends the rollout as ``rolled_back`` with its reason, and raises the alert with the evidence.

    Args:
        spec: Spec of the model.
    """

    ui_color = "#fbe3e0"

    def __init__(self, *, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def acts_until(self) -> RolloutState:
        """What is promoted is not taken back here."""
        return RolloutState.STAGED

    def proceed(self, opened: Open) -> str:
        """Roll back; giving the endpoint back comes last, so that a retry still owns it.

        Raises:
            FencedOut: somebody newer owns the endpoint.
            ServingUnavailable: the endpoint is not safe yet; a retry tries again.
        """
        reason = why_back(opened.rollout)
        opened.bring(settled(opened.live()), over_others=True)
        self._tell(opened, reason)
        opened.move(RolloutState.ROLLED_BACK, reason)
        self.log.warning("rolled back: %s", reason)
        return reason

    def _tell(self, opened: Open, reason: str) -> None:
        rollout = opened.rollout
        title = f"{self.spec.title} {rollout.version}"
        story = stories.rolled_back(title, rollout.stable_version, reason, shown(rollout))
        run = run_ref(opened.context)
        alert = stories.addressed(story, rollout.model, run, rollout_page(rollout.id))
        deliver(alert, self.spec.alerts.slack_channel)


def shown(rollout: Rollout) -> tuple[str, ...]:
    """Return the evidence of the stage at which a rollout goes back."""
    seen = rollout.stages[-1].seen if rollout.stages else None
    return evidence(seen) if seen else ()
