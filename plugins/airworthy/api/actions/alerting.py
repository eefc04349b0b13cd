"""Records alerts and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ulid import ULID

from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.alerts import Alert
from include.errors import NotFound

if TYPE_CHECKING:
    from include.client.messages.alerts import Delivery, RaiseAlert
    from plugins.airworthy.api.storage.work import Stores, Work


def one(stores: Stores, alert_id: str) -> Alert:
    """Return one alert.

    Raises:
        NotFound: There is none of that id.
    """
    found = stores.alerts.get(alert_id)
    if found is None:
        raise NotFound(f"no alert {alert_id}", remedy="List the alerts")
    return found


def sound(work: Work, message: RaiseAlert) -> Alert:
    """Record an alert; the same fingerprint gives the alert that is there.

    Raises:
        Forbidden: A workload speaks for another run.
    """
    check_run(work.caller, message.run)
    work.alerts.hold("alert", message.fingerprint)
    known = work.alerts.by_fingerprint(message.fingerprint)
    if known is not None:
        return known
    alert = Alert(**dict(message), id=str(ULID.from_datetime(work.now)), raised_at=work.now)
    work.alerts.add(alert)
    work.tell(Occurrence("alert.raised", "alert", alert.id, code=alert.severity))
    return alert


def note_delivery(work: Work, alert_id: str, message: Delivery) -> Alert:
    """Record one attempt to deliver an alert.

    Raises:
        NotFound: There is no such alert.
        Forbidden: A workload of another run than the alert's.
    """
    alert = one(work, alert_id)
    check_run(work.caller, alert.run)
    work.alerts.hold("alert", alert.fingerprint)
    work.alerts.append(alert_id, message, work.now)
    state = f"{message.channel} {message.state}"
    work.tell(Occurrence("alert.delivery", "alert", alert_id, code=state[:200]))
    return one(work, alert_id)
