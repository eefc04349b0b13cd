"""Which answered decision lets a rollout begin: a yes, in time, about this run and this package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.client.messages.decisions import DecisionState
from include.decisions.opening import AFFIRMATIVE
from include.errors import Conflict

if TYPE_CHECKING:
    from include.client.messages.base import RunRef
    from include.client.messages.decisions import Decision

KIND = "first_release"


@dataclass(frozen=True)
class Matter:
    """What has to be approved.

    Attributes:
        rollout: Id of the rollout.
        run: Run that owns it.
        package_digest: Digest of the package that it is about.
    """

    rollout: str
    run: RunRef
    package_digest: str


def check_approval(decision: Decision | None, matter: Matter) -> None:
    """Let pass a decision that people answered with a yes to this very matter.

    Raises:
        Conflict: There is no such decision, it is about something else, or nobody said yes.
    """
    fault = _fault(decision, matter)
    if fault:
        raise Conflict(
            f"not approved: {fault}",
            where=f"rollout {matter.rollout}",
            value=decision.id if decision else None,
            remedy="Name the decision of this run in which people approved this package",
        )


def _fault(decision: Decision | None, matter: Matter) -> str:
    if decision is None:
        return "no such decision"
    if decision.kind != KIND:
        return f"the decision is a {decision.kind}"
    if (decision.run.dag_id, decision.run.run_id) != (matter.run.dag_id, matter.run.run_id):
        return "the decision is about another run"
    if decision.subject_digest != matter.package_digest:
        return "the decision is about another package"
    return answer_fault(decision)


def answer_fault(decision: Decision) -> str:
    """Return why a decision is no yes in time; empty where it is one."""
    if decision.state is not DecisionState.ANSWERED or decision.answered_at is None:
        return f"the decision is {decision.state}"
    if decision.answered_at >= decision.deadline:
        return "the answer came after the deadline"
    is_yes = decision.answer in decision.options and decision.answer.lower() in AFFIRMATIVE
    return "" if is_yes else f"the answer was {decision.answer!r}"
