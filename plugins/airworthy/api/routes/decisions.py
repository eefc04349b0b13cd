"""Questions to people, and their answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from include.access.permission import Action
from include.client.messages.decisions import (
    AnswerDecision,
    Decision,
    DecisionState,
    ExtendDecision,
    OpenDecision,
)
from plugins.airworthy.api.actions import deciding
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import Id

router = APIRouter(prefix="/decisions", tags=["decisions"])


def _settle(call: Call) -> None:
    """Close what is overdue before anybody reads or answers it."""
    if call.read(lambda stores: stores.decisions.overdue(call.database.clock.now())):
        call.settle(deciding.expire)


@router.post("", response_model=Decision)
def open_decision(
    message: OpenDecision, call: Annotated[Call, Depends(Allowed(Action.OPEN_DECISION))]
) -> Response:
    """Ask people."""
    _settle(call)
    return call.write(message, lambda work: deciding.ask(work, message))


@router.get("")
def decisions(
    call: Annotated[Call, Depends(Allowed(Action.READ))], state: DecisionState | None = None
) -> tuple[Decision, ...]:
    """Return the decisions, newest first; in one state where given."""
    _settle(call)
    return call.read(lambda stores: stores.decisions.listed(state))


@router.get("/{decision_id}")
def decision(decision_id: Id, call: Annotated[Call, Depends(Allowed(Action.READ))]) -> Decision:
    """Return one decision."""
    _settle(call)
    return call.read(lambda stores: deciding.one(stores, decision_id))


@router.post("/{decision_id}/answer", response_model=Decision)
def answer_decision(
    decision_id: Id,
    message: AnswerDecision,
    call: Annotated[Call, Depends(Allowed(Action.ANSWER_DECISION))],
) -> Response:
    """Answer, as a person with one of the decision's roles."""
    _settle(call)
    return call.write(message, lambda work: deciding.answer(work, decision_id, message))


@router.post("/{decision_id}/extension", response_model=Decision)
def extend_decision(
    decision_id: Id,
    message: ExtendDecision,
    call: Annotated[Call, Depends(Allowed(Action.EXTEND_DECISION))],
) -> Response:
    """Move the deadline, once."""
    _settle(call)
    return call.write(message, lambda work: deciding.extend(work, decision_id, message))
