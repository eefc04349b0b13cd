"""Alerts and their deliveries."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from include.access.permission import Action
from include.client.messages.alerts import Alert, Delivery, RaiseAlert
from plugins.airworthy.api.actions import alerting
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import Id, ModelFilter

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.post("", response_model=Alert)
def raise_alert(
    message: RaiseAlert, call: Annotated[Call, Depends(Allowed(Action.RAISE_ALERT))]
) -> Response:
    """Record an alert."""
    return call.write(message, lambda work: alerting.sound(work, message))


@router.get("")
def alerts(
    call: Annotated[Call, Depends(Allowed(Action.READ))], model: ModelFilter = ""
) -> tuple[Alert, ...]:
    """Return the alerts, newest first; of one model where given."""
    return call.read(lambda stores: stores.alerts.listed(model))


@router.get("/{alert_id}")
def alert(alert_id: Id, call: Annotated[Call, Depends(Allowed(Action.READ))]) -> Alert:
    """Return one alert."""
    return call.read(lambda stores: alerting.one(stores, alert_id))


@router.post("/{alert_id}/deliveries", response_model=Alert)
def deliver(
    alert_id: Id, message: Delivery, call: Annotated[Call, Depends(Allowed(Action.RAISE_ALERT))]
) -> Response:
    """Record one attempt to deliver an alert."""
    return call.write(message, lambda work: alerting.note_delivery(work, alert_id, message))
