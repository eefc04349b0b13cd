"""Opens, answers, extends and expires decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ulid import ULID

from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.decisions import Decision, DecisionState
from include.decisions.answering import (
    check_answer,
    check_open,
    check_person,
    extended,
    is_overdue,
)
from include.decisions.opening import check
from include.errors import NotFound

if TYPE_CHECKING:
    from include.client.messages.decisions import AnswerDecision, ExtendDecision, OpenDecision
    from plugins.airworthy.api.storage.work import Stores, Work


def one(stores: Stores, decision_id: str) -> Decision:
    """Return one decision.

    Raises:
        NotFound: There is none of that id.
    """
    found = stores.decisions.get(decision_id)
    if found is None:
        raise NotFound(f"no decision {decision_id}", remedy="List the decisions")
    return found


def ask(work: Work, message: OpenDecision) -> Decision:
    """Ask people; the same run gets the decision it has about the same digest.

    Raises:
        Forbidden: A workload speaks for another run.
        BadInput: Nobody could answer it, or silence would mean yes.
    """
    check_run(work.caller, message.run)
    check(message)
    run = message.run
    work.decisions.hold("question", message.kind, message.subject_digest, run.dag_id, run.run_id)
    known = work.decisions.asked(message.kind, message.subject_digest, run.dag_id, run.run_id)
    if known is not None:
        return known
    content = {name: value for name, value in message if name != "deadline_seconds"}
    decision = Decision(
        **content,
        id=str(ULID.from_datetime(work.now)),
        state=DecisionState.OPEN,
        opened_at=work.now,
        opened_by=work.caller.key,
        deadline=work.now + timedelta(seconds=message.deadline_seconds),
    )
    work.decisions.put(decision)
    _tell(work, "decision.opened", decision, code=decision.kind)
    return decision


def answer(work: Work, decision_id: str, message: AnswerDecision) -> Decision:
    """Answer, as a person with one of its roles, within the deadline.

    Raises:
        Forbidden: A machine, a person who was not asked, or the one who asks.
        DecisionClosed: Answered before, or too late.
        Conflict: It is about another digest than the person saw.
        BadInput: It is none of the options.
    """
    work.decisions.hold("decision", decision_id)
    decision = one(work, decision_id)
    check_person(decision, work.caller)
    check_open(decision, work.now)
    check_answer(decision, message, work.caller)
    answered = decision.model_copy(
        update={
            "state": DecisionState.ANSWERED,
            "answer": message.answer,
            "answered_by": work.caller.id,
            "answered_at": work.now,
            "reason": message.reason,
        }
    )
    work.decisions.put(answered)
    _tell(work, "decision.answered", answered, code=message.answer, reason=message.reason)
    return answered


def extend(work: Work, decision_id: str, message: ExtendDecision) -> Decision:
    """Move the deadline, once, as a person with one of its roles.

    Raises:
        Forbidden: A machine, or a person who was not asked.
        DecisionClosed: Answered before, or too late.
        Conflict: It was extended before.
    """
    work.decisions.hold("decision", decision_id)
    decision = one(work, decision_id)
    check_person(decision, work.caller)
    check_open(decision, work.now)
    later = decision.model_copy(
        update={
            "deadline": extended(decision, message),
            "extensions": decision.extensions + 1,
        }
    )
    work.decisions.put(later)
    work.decisions.add_extension(later, work.caller.id, work.now, message.reason)
    _tell(work, "decision.extended", later, reason=message.reason)
    return later


def expire(work: Work) -> tuple[str, ...]:
    """Close every decision whose deadline has passed, and return their ids."""
    closed: list[str] = []
    for decision_id in work.decisions.overdue(work.now):
        work.decisions.hold("decision", decision_id)
        decision = work.decisions.fresh(decision_id)
        if decision is None or not is_overdue(decision, work.now):
            continue
        expired = decision.model_copy(update={"state": DecisionState.EXPIRED})
        work.decisions.put(expired)
        work.tell(
            Occurrence(
                "decision.expired",
                "decision",
                expired.id,
                object_digest=expired.subject_digest,
                code=f"default {expired.default}",
            ),
            by_time=True,
        )
        closed.append(decision_id)
    return tuple(closed)


def _tell(work: Work, action: str, decision: Decision, *, code: str = "", reason: str = "") -> None:
    work.tell(
        Occurrence(
            action,
            "decision",
            decision.id,
            object_digest=decision.subject_digest,
            code=code,
            reason=reason,
        )
    )
