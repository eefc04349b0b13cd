"""Which decision says what becomes of a stage without a verdict: one about what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import digest
from include.client.messages.decisions import DecisionState
from include.errors import Conflict

if TYPE_CHECKING:
    from include.client.messages.base import RunRef
    from include.client.messages.decisions import Decision
    from include.client.messages.plans import StageSeen

KIND = "stage"
OPTIONS = ("continue", "extend", "roll_back")
DEFAULT = "roll_back"


@dataclass(frozen=True)
class StageMatter:
    """What has to be decided.

    Attributes:
        rollout: Id of the rollout.
        index: Index of the stage in its plan.
        seen: What people were shown of it.
        run: Run that owns the rollout.
    """

    rollout: str
    index: int
    seen: StageSeen
    run: RunRef

    @property
    def digest(self) -> str:
        """SHA-256 that binds an answer to this rollout, this stage and what was seen of it."""
        shown = self.seen.model_dump(mode="json")
        return digest.of_json([self.rollout, self.index, shown])


def check_stage_answer(decision: Decision | None, matter: StageMatter, answer: str) -> None:
    """Let pass a decision about this very stage whose answer, or silence, means ``answer``.

    Raises:
        Conflict: There is no such decision, it is about something else, or it says otherwise.
    """
    fault = _fault(decision, matter, answer)
    if fault:
        raise Conflict(
            f"people did not say {answer}: {fault}",
            where=f"rollout {matter.rollout}",
            value=decision.id if decision else None,
            remedy="Name the decision of this run about this stage and what was seen of it",
        )


def meaning(decision: Decision) -> str:
    """Return what a closed decision says; silence says the default, an open one nothing yet."""
    if decision.state is DecisionState.EXPIRED:
        return decision.default
    return decision.answer if decision.state is DecisionState.ANSWERED else ""


def _fault(decision: Decision | None, matter: StageMatter, answer: str) -> str:
    if decision is None:
        return "no such decision"
    if decision.kind != KIND:
        return f"the decision is a {decision.kind}"
    if (decision.run.dag_id, decision.run.run_id) != (matter.run.dag_id, matter.run.run_id):
        return "the decision is about another run"
    if decision.subject_digest != matter.digest:
        return "the decision is about another stage, or about something else seen of it"
    said = meaning(decision)
    return "" if said == answer else f"the decision says {said or 'nothing yet'!r}"
