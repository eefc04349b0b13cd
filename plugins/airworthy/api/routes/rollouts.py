"""Rollouts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from include.access.permission import Action
from include.client.messages.audit import Event
from include.client.messages.plans import LookAtStage, MoveStage
from include.client.messages.rollouts import MoveRollout, OpenRollout, Rollout, RolloutState
from plugins.airworthy.api.actions import rolling, staging
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import Id, ModelFilter, StageIndex

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


@router.post("/{rollout_id}/stages/{index}/moves", response_model=Rollout)
def move_stage(
    rollout_id: Id,
    index: StageIndex,
    message: MoveStage,
    call: Annotated[Call, Depends(Allowed(Action.MOVE_STAGE))],
) -> Response:
    """Move one stage of a rollout, as its owner."""
    return call.write(message, lambda work: staging.move(work, rollout_id, index, message))


@router.put("/{rollout_id}/stages/{index}/look", response_model=Rollout)
def look_at_stage(
    rollout_id: Id,
    index: StageIndex,
    message: LookAtStage,
    call: Annotated[Call, Depends(Allowed(Action.LOOK_AT_STAGE))],
) -> Response:
    """Keep the latest look at a stage, for people to see."""
    return call.write(message, lambda work: staging.look(work, rollout_id, index, message))


@router.get("/{rollout_id}/events")
def rollout_events(
    rollout_id: Id, call: Annotated[Call, Depends(Allowed(Action.READ))]
) -> tuple[Event, ...]:
    """Return what happened to a rollout, oldest first."""
    return call.read(lambda stores: rolling.events(stores, rollout_id))
