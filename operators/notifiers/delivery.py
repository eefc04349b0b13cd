"""One alert on its way: recorded first, then sent to Slack, then what became of it recorded.

Nothing here raises: an alert must not fail the task that it tells of. Where even the record
fails, the log says so at error level.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from include.alerts import blocks
from include.client.messages.alerts import Delivery, DeliveryState
from operators.hooks.airworthy import AirworthyHook, connected

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from include.client.control_plane import ControlPlane
    from include.client.messages.alerts import Alert, RaiseAlert

SLACK = "slack_alerts"
TRIES = 3
LONGEST_WAIT_SECONDS = 10.0
log = logging.getLogger("airflow.task.airworthy.alerts")


def deliver(alert: RaiseAlert, channel: str) -> Delivery:
    """Record ``alert``, send it to ``channel``, record the outcome; return the outcome."""
    recorded = _record(alert)
    if recorded is not None and _is_delivered(recorded):
        return Delivery(channel=channel, state=DeliveryState.DELIVERED, detail="told before")
    outcome = _send(alert, channel)
    _record_outcome(recorded, alert, outcome)
    return outcome


async def deliver_async(alert: RaiseAlert, channel: str) -> Delivery:
    """Do what ``deliver`` does without blocking the triggerer."""
    connection = await _control_plane_connection()
    recorded = await asyncio.to_thread(_record, alert, connection)
    if recorded is not None and _is_delivered(recorded):
        return Delivery(channel=channel, state=DeliveryState.DELIVERED, detail="told before")
    outcome = await _send_async(alert, channel)
    await asyncio.to_thread(_record_outcome, recorded, alert, outcome, connection)
    return outcome


def _record(alert: RaiseAlert, connection: Connection | None = None) -> Alert | None:
    try:
        with _client(alert, connection) as control_plane:
            return control_plane.raise_alert(alert)
    except Exception:
        log.exception("alert not recorded: %s: %s", alert.title, alert.body)
        return None


def _record_outcome(
    recorded: Alert | None,
    alert: RaiseAlert,
    outcome: Delivery,
    connection: Connection | None = None,
) -> None:
    log.info("alert %r: %s %s", alert.title, outcome.state.value, outcome.detail)
    if recorded is None:
        if outcome.state is not DeliveryState.DELIVERED:
            log.error("nobody was told: %s: %s", alert.title, alert.body)
        return
    try:
        with _client(alert, connection) as control_plane:
            control_plane.deliver(recorded.id, outcome)
    except Exception:
        log.exception("what became of alert %s was not recorded: %s", recorded.id, outcome.state)


def _client(alert: RaiseAlert, connection: Connection | None) -> ControlPlane:
    if connection is not None:
        return connected(connection, alert.run)
    return AirworthyHook().control_plane(alert.run)


async def _control_plane_connection() -> Connection | None:
    try:
        return await BaseHook.aget_connection(AirworthyHook.default_conn_name)
    except Exception:
        log.exception("the connection to the control plane cannot be read")
        return None


def _is_delivered(alert: Alert) -> bool:
    return any(delivery.state is DeliveryState.DELIVERED for delivery in alert.deliveries)


def _send(alert: RaiseAlert, channel: str) -> Delivery:
    body = _body(alert, channel)
    for attempt in range(1, TRIES + 1):
        try:
            BaseHook.get_hook(SLACK).call("chat.postMessage", json=body)
            return Delivery(channel=channel, state=DeliveryState.DELIVERED)
        except Exception as error:
            seconds = _wait(error, attempt)
            if seconds is None:
                return _undelivered(channel, error)
            time.sleep(seconds)
    return Delivery(channel=channel, state=DeliveryState.FAILED, detail="no try left")


async def _send_async(alert: RaiseAlert, channel: str) -> Delivery:
    body = _body(alert, channel)
    for attempt in range(1, TRIES + 1):
        try:
            hook = await BaseHook.aget_hook(SLACK)
            await hook.async_call("chat.postMessage", json=body)
            return Delivery(channel=channel, state=DeliveryState.DELIVERED)
        except Exception as error:
            seconds = _wait(error, attempt)
            if seconds is None:
                return _undelivered(channel, error)
            await asyncio.sleep(seconds)
    return Delivery(channel=channel, state=DeliveryState.FAILED, detail="no try left")


def _body(alert: RaiseAlert, channel: str) -> dict[str, Any]:
    message = blocks.message(alert)
    return {"channel": channel, "text": message.text, "blocks": list(message.blocks)}


def _wait(error: Exception, attempt: int) -> float | None:
    """Return the seconds that Slack asked for, or None where another try cannot help.

    The answer is looked at by its shape: importing the Slack client here would cost every parse
    of a DAG file 0.2 s.
    """
    answer = getattr(error, "response", None)
    if getattr(answer, "status_code", None) != 429 or attempt == TRIES:
        return None
    asked = str(getattr(answer, "headers", {}).get("Retry-After", "1"))
    return min(float(asked) if asked.isdigit() else 1.0, LONGEST_WAIT_SECONDS)


def _undelivered(channel: str, error: Exception) -> Delivery:
    if isinstance(error, AirflowNotFoundException):
        return Delivery(
            channel=channel,
            state=DeliveryState.NOT_CONFIGURED,
            detail=f"connection {SLACK} is missing or has no token",
        )
    answer = getattr(error, "response", None)
    said = answer.get("error") if answer is not None and hasattr(answer, "get") else None
    detail = str(said or f"{type(error).__name__}: {error}")
    return Delivery(channel=channel, state=DeliveryState.FAILED, detail=blocks.cut(detail, 500))
