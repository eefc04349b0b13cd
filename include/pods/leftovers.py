"""Finished pods that nobody came to collect, because who started them is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from include.pods.observed import Pod


def leftovers(pods: Iterable[Pod], now: datetime, ttl_seconds: int) -> tuple[str, ...]:
    """Return the names of the pods that have been over for longer than ``ttl_seconds``."""
    return tuple(
        pod.metadata.name
        for pod in pods
        if pod.status.phase in {"Succeeded", "Failed"}
        and not pod.is_going
        and _seconds_over(pod, now) > ttl_seconds
    )


def _seconds_over(pod: Pod, now: datetime) -> float:
    over = pod.state.terminated
    ended = over.finished_at if over is not None else None
    since = ended or pod.metadata.creation_timestamp
    return (now - since).total_seconds() if since is not None else 0.0
