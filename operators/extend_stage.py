"""Lets a stage be watched once more, under a revision of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.rollout.safety import told
from operators.apply_stage import split_of
from operators.at_stage import AtStage
from operators.stage import StageOperator

if TYPE_CHECKING:
    from operators.stage import Open


class ExtendStageOperator(StageOperator):
    """Wants the split of a stage again, also over what somebody else made of the endpoint.

    Args:
        stage: Stage of the plan, counted from the last: -1.
    """

    def __init__(self, *, stage: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stage = stage

    def acts_until(self) -> RolloutState:
        """Stages end with the promotion."""
        return RolloutState.STAGED

    def proceed(self, opened: Open) -> str | None:
        """Want the split again; people have said so before, and the stage shows it.

        Raises:
            FencedOut: somebody newer owns the endpoint.
            ServingUnavailable: the driver did not answer; a retry asks again.
        """
        at = AtStage.of(opened.rollout, self.stage)
        if at.state is not StageState.EXTENDED:
            self.log.info("nothing to do: %s is %s", at.name, at.state)
            return None
        variants = split_of(opened, at)
        opened.bring(variants, over_others=True)
        self.log.info("%s: %s wanted once more", opened.rollout.endpoint, told(variants))
        return told(variants)
