"""When a delivery that failed is tried again: exponential back-off with a ceiling, never giving up.

Jitter is not needed: one relay works through the outbox.
"""

from __future__ import annotations

from datetime import timedelta

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0
LEASE = timedelta(seconds=60)


def pause(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row, at least one."""
    doublings = min(max(failures, 1) - 1, 16)
    return timedelta(seconds=min(FIRST_SECONDS * 2**doublings, LONGEST_SECONDS))
