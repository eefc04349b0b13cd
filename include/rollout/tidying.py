"""What housekeeping does about an endpoint: nothing while somebody may still act on it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.client.messages.rollouts import EndpointRecord

OVER = frozenset({"success", "failed", ""})
"""States of a run in which none of its tasks will act again; empty for a run that is gone."""


class Care(StrEnum):
    """What an endpoint needs."""

    LEAVE = "leave"
    FINISH = "finish"
    RECLAIM = "reclaim"


def care_of(record: EndpointRecord, owner_run: str) -> Care:
    """Return what an endpoint needs.

    A free one is brought to what is recorded, which is safe: no rollout ends otherwise. One whose
    owner's run is over is taken from it, with a fencing token that ends whatever it may still try.

    Args:
        record: The endpoint as the control plane has it.
        owner_run: State of the run that owns it, as Airflow tells; of no meaning for a free one.
    """
    if record.owner:
        return Care.RECLAIM if owner_run in OVER else Care.LEAVE
    return Care.FINISH if record.revision else Care.LEAVE


def strangers(served: tuple[str, ...], known: tuple[EndpointRecord, ...]) -> tuple[str, ...]:
    """Return endpoints that are served and of which the control plane knows nothing."""
    return tuple(sorted(set(served) - {record.name for record in known}))
