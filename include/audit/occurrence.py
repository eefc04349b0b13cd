"""What is told of a change, and under which circumstances it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from include.access.principal import Principal


@dataclass(frozen=True)
class Occurrence:
    """One thing that happened to one object.

    Attributes:
        action: Object and past participle, for example ``version.registered``.
        object_type: Kind of the object.
        object_id: Its id, never something personal.
        object_digest: SHA-256 of its content, where it has one.
        outcome: ``done``, or ``denied`` where somebody was refused.
        code: Machine-readable reason, part of the body.
        reason: What a person or a rule wrote; part of the payload.
    """

    action: str
    object_type: str
    object_id: str
    object_digest: str = ""
    outcome: str = "done"
    code: str = ""
    reason: str = ""

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and id of the object."""
        return self.object_type, self.object_id


@dataclass(frozen=True)
class Circumstances:
    """Who acted, when, and in which request."""

    actor: Principal
    at: datetime
    request_id: str
