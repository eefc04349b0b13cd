"""Rollouts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from include.access.permission import Action
from include.client.messages.rollouts import MoveRollout, OpenRollout, Rollout, RolloutState
from plugins.airworthy.api.actions import rolling
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import Id, ModelFilter

router = APIRouter(prefix="/rollouts", tags=["rollouts"])


@router.post("", response_model=Rollout)
def open_rollout(
    message: OpenRollout, call: Annotated[Call, Depends(Allowed(Action.OPEN_ROLLOUT))]
) -> Response:
    """Begin a rollout and take its endpoint."""
    return call.write(message, lambda work: rolling.open_rollout(work, message))


@router.get("")
def rollouts(
    call: Annotated[Call, Depends(Allowed(Action.READ))],
    model: ModelFilter = "",
    state: RolloutState | None = None,
) -> tuple[Rollout, ...]:
    """Return the rollouts, newest first; of one model or in one state where given."""
    return call.read(lambda stores: stores.rollouts.listed(model, state))


@router.get("/{rollout_id}")
def rollout(rollout_id: Id, call: Annotated[Call, Depends(Allowed(Action.READ))]) -> Rollout:
    """Return one rollout."""
    return call.read(lambda stores: rolling.one(stores, rollout_id))


@router.post("/{rollout_id}/moves", response_model=Rollout)
def move_rollout(
    rollout_id: Id,
    message: MoveRollout,
    call: Annotated[Call, Depends(Allowed(Action.MOVE_ROLLOUT))],
) -> Response:
    """Move a rollout to its next state."""
    return call.write(message, lambda work: rolling.move(work, rollout_id, message))
