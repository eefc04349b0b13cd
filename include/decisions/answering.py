"""Who may answer or extend a decision, and when it is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from include.client.messages.decisions import DecisionState
from include.decisions.opening import LONGEST_SECONDS
from include.errors import BadInput, Conflict, DecisionClosed, Forbidden

if TYPE_CHECKING:
    from datetime import datetime

    from include.access.principal import Principal
    from include.client.messages.decisions import AnswerDecision, Decision, ExtendDecision

MOST_EXTENSIONS = 1


def is_overdue(decision: Decision, now: datetime) -> bool:
    """Return whether the deadline of an open decision has passed."""
    return decision.state is DecisionState.OPEN and now >= decision.deadline


def check_person(decision: Decision, principal: Principal) -> None:
    """Let pass a person with one of the decision's roles.

    Raises:
        Forbidden: A machine, or a person without such a role.
    """
    if principal.kind != "person":
        raise Forbidden(
            f"a {principal.kind} never decides",
            where=f"decision {decision.id}",
            remedy="A person has to answer, under their own log-in",
        )
    if not {role.value for role in principal.roles} & set(decision.roles):
        raise Forbidden(
            f"{principal.key} is not among those who are asked",
            where=f"decision {decision.id}",
            remedy=f"One of these roles may: {', '.join(decision.roles)}",
        )


def check_open(decision: Decision, now: datetime) -> None:
    """Let pass while the decision is open.

    Raises:
        DecisionClosed: It was answered, or the deadline has passed.
    """
    where = f"decision {decision.id}"
    if decision.state is DecisionState.ANSWERED:
        raise DecisionClosed(
            f"{decision.answered_by} answered {decision.answer!r} before",
            where=where,
            remedy="Nothing is left to do",
        )
    if decision.state is DecisionState.EXPIRED or is_overdue(decision, now):
        raise DecisionClosed(
            f"the deadline passed at {decision.deadline.isoformat()}; {decision.default!r} holds",
            where=where,
            remedy="Start again what asked for it",
        )


def check_answer(decision: Decision, given: AnswerDecision, principal: Principal) -> None:
    """Let pass one of the options, for the digest that the person saw.

    Raises:
        Forbidden: The person asked the question, or it was asked for them.
        Conflict: The subject is not the one that the person saw.
        BadInput: It is none of the options.
    """
    where = f"decision {decision.id}"
    asked = {decision.opened_by, f"person:{decision.asked_by}"}
    if principal.kind == "person" and principal.key in asked:
        raise Forbidden("who asks does not answer", where=where, remedy="Somebody else has to")
    if given.subject_digest != decision.subject_digest:
        raise Conflict(
            "the answer is for another subject",
            where=where,
            value=given.subject_digest,
            remedy=f"Look again: it is about {decision.subject_digest}",
        )
    if given.answer not in decision.options:
        raise BadInput(
            "not an option", where=where, value=given.answer, remedy=f"One of {decision.options}"
        )


def extended(decision: Decision, wish: ExtendDecision) -> datetime:
    """Return the new deadline.

    Raises:
        Conflict: It was extended before.
        BadInput: No deadline lies that far ahead.
    """
    where = f"decision {decision.id}"
    if decision.extensions >= MOST_EXTENSIONS:
        raise Conflict("extended before", where=where, remedy="Answer, or let the deadline pass")
    if wish.seconds > LONGEST_SECONDS:
        raise BadInput(
            "too far ahead", where=where, value=wish.seconds, remedy=f"At most {LONGEST_SECONDS}"
        )
    return decision.deadline + timedelta(seconds=wish.seconds)
