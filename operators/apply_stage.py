"""Gives the candidate the share of the traffic that a stage of the plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.errors import Conflict, FencedOut
from include.rollout.safety import told
from include.rollout.stages import staged
from operators.at_stage import AtStage
from operators.stage import StageOperator

if TYPE_CHECKING:
    from include.client.messages.rollouts import VariantWish
    from operators.stage import Open


class ApplyStageOperator(StageOperator):
    """Begins a stage: mirrors requests to the candidate, or lets it answer some; never waits.

    Where somebody else has changed the endpoint this is not overwritten: the watch of the stage
    sees it, and people are asked.

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
        """Record that the stage begins, then its split, then ask the driver for it.

        Raises:
            FencedOut: somebody newer owns the endpoint.
            Conflict: an earlier stage was not cleared.
            ServingUnavailable: the driver did not answer; a retry asks again.
        """
        at = AtStage.of(opened.rollout, self.stage)
        if at.state is None:
            at = at.moved(opened.control_plane, StageState.APPLIED, f"{at.name} begins")
        if at.state is not StageState.APPLIED:
            self.log.info("nothing to do: %s is %s", at.name, at.state)
            return None
        variants = split_of(opened, at)
        record = opened.want(variants)
        try:
            opened.apply(record)
        except FencedOut:
            raise
        except Conflict as conflict:
            self.log.warning("somebody else changed the endpoint: %s", conflict)
        self.log.info("%s: %s wanted", opened.rollout.endpoint, told(variants))
        return told(variants)


def split_of(opened: Open, at: AtStage) -> tuple[VariantWish, ...]:
    """Return the variants as the stage wants them."""
    rollout, versions = at.rollout, opened.control_plane
    live = rollout.stable_version
    stable = versions.version(rollout.model, live) if live else None
    return staged(at.planned, stable, opened.candidate())
