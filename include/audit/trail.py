"""``record``: the one way into the audit trail."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Protocol

from ulid import ULID

from include.audit.entry import make

if TYPE_CHECKING:
    from include.audit.entry import Entry
    from include.audit.occurrence import Circumstances, Occurrence

SALT_BYTES = 32


class Trail(Protocol):
    """Where entries go: a port of the transaction that makes the change itself."""

    def append(self, entry: Entry) -> None:
        """Store the entry behind all others, if and only if the transaction commits."""


def record(trail: Trail, occurrence: Occurrence, circumstances: Circumstances) -> Entry:
    """Write what happened into the trail and return the entry.

    Raises:
        BadInput: The event is too large for the log.
    """
    entry = make(
        occurrence,
        circumstances,
        entry_id=str(ULID.from_datetime(circumstances.at)),
        salt=secrets.token_bytes(SALT_BYTES),
    )
    trail.append(entry)
    return entry
