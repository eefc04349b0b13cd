"""How long is left until an instant, by a clock that never jumps."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def wall() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timer:
    """Runs down from its start on.

    The wall clock is asked once, when the timer is made: a triggerer that starts again goes on
    where the deadline says. A clock that is set afterwards neither ends nor lengthens a wait, and
    one that was set back cannot make it longer than ``longest``.

    Attributes:
        until: Instant at which it is over, ISO 8601 with its offset.
        longest: Seconds that it lasts at most.
    """

    until: str
    longest: float
    now: Callable[[], datetime] = wall
    monotonic: Callable[[], float] = time.monotonic
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        """Start."""
        left = (datetime.fromisoformat(self.until) - self.now()).total_seconds()
        object.__setattr__(self, "_end", self.monotonic() + min(left, self.longest))

    @property
    def is_over(self) -> bool:
        """Whether the time has run down."""
        return self.monotonic() >= self._end
