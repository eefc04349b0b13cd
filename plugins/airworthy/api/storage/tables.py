"""All tables together, as the revisions must build them."""

from __future__ import annotations

from plugins.airworthy.api.storage import (
    alerts,
    decisions,
    endpoints,
    outbox,
    replies,
    rollbacks,
    rollouts,
    runs,
    trail,
    versions,
)
from plugins.airworthy.api.storage.base import Table

FAMILIES = (
    alerts, decisions, endpoints, outbox, replies, rollbacks, rollouts, runs, trail, versions,
)  # fmt: skip
METADATA = Table.metadata
