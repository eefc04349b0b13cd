"""What health checks in a row mean: still starting, healthy, or to be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.serving.timings import Timings


@dataclass
class Vigil:
    """The checks of one model server since it was started.

    Attributes:
        timings: How patient to be.
        began: When the server was started, in seconds of a monotonic clock.
        ready_since: When it answered first; None before.
    """

    timings: Timings
    began: float
    ready_since: float | None = None
    _misses: int = 0

    def note(self, answered: bool, now: float) -> str:
        """Take note of a check; return why the server is to be replaced, or nothing."""
        if answered:
            self._misses = 0
            self.ready_since = now if self.ready_since is None else self.ready_since
            return ""
        if self.ready_since is None:
            late = now - self.began > self.timings.start_within
            return f"not ready within {self.timings.start_within:g} s" if late else ""
        self._misses += 1
        over = self._misses >= self.timings.misses
        return f"{self._misses} health checks in a row were missed" if over else ""

    def proven(self, now: float) -> bool:
        """Say whether it has been healthy for so long that past failures count no more."""
        return self.ready_since is not None and now - self.ready_since >= self.timings.healthy_after
