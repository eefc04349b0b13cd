"""Endpoints and what they should be."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from include.access.permission import Action
from include.client.messages.plans import RequestRollback, RollbackRequest
from include.client.messages.rollouts import (
    BreakEndpoint,
    EndpointRecord,
    ReclaimEndpoint,
    WantVariants,
)
from plugins.airworthy.api.actions import going_back, reclaiming, rolling, serving
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import EndpointName

router = APIRouter(prefix="/endpoints", tags=["endpoints"])


@router.get("")
def endpoints(call: Annotated[Call, Depends(Allowed(Action.READ))]) -> tuple[EndpointRecord, ...]:
    """Return every endpoint."""
    return call.read(lambda stores: stores.endpoints.listed())


@router.get("/{name}")
def endpoint(
    name: EndpointName, call: Annotated[Call, Depends(Allowed(Action.READ))]
) -> EndpointRecord:
    """Return one endpoint."""
    return call.read(lambda stores: serving.one(stores, name))


@router.put("/{name}/variants", response_model=EndpointRecord)
def want_variants(
    name: EndpointName,
    message: WantVariants,
    call: Annotated[Call, Depends(Allowed(Action.WANT_VARIANTS))],
) -> Response:
    """Change the wanted variants, as the owner."""
    return call.write(message, lambda work: serving.want(work, name, message))


@router.post("/{name}/break", response_model=EndpointRecord)
def break_endpoint(
    name: EndpointName,
    message: BreakEndpoint,
    call: Annotated[Call, Depends(Allowed(Action.BREAK_ENDPOINT))],
) -> Response:
    """Free an endpoint whose owner died."""
    return call.write(message, lambda work: serving.break_open(work, name, message))


@router.post("/{name}/reclaim", response_model=EndpointRecord)
def reclaim_endpoint(
    name: EndpointName,
    message: ReclaimEndpoint,
    request: Request,
    call: Annotated[Call, Depends(Allowed(Action.RECLAIM_ENDPOINT))],
) -> Response:
    """Free an endpoint of which Airflow says that its owner's run is over."""
    owner = call.read(lambda stores: rolling.one(stores, message.rollout))
    # Airflow is asked before the write begins, which would hold others up meanwhile.
    reclaiming.check_over(request.app.state.corroborator, owner)
    return call.write(message, lambda work: serving.reclaim(work, name, message))


@router.post("/{name}/rollback", response_model=RollbackRequest)
def request_rollback(
    name: EndpointName,
    message: RequestRollback,
    call: Annotated[Call, Depends(Allowed(Action.REQUEST_ROLLBACK))],
) -> Response:
    """Ask for the previous version; before a promotion this stops the rollout."""
    return call.write(message, lambda work: going_back.request(work, name, message))


@router.get("/{name}/rollbacks")
def rollbacks(
    name: EndpointName, call: Annotated[Call, Depends(Allowed(Action.READ))]
) -> tuple[RollbackRequest, ...]:
    """Return the requests to go back, newest first."""
    return call.read(lambda stores: stores.rollbacks.of_endpoint(name))
