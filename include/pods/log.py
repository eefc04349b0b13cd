"""The lines of a pod's log, each told once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class LogLines:
    """Remembers how far a log was told; the API server knows whole seconds only."""

    _last: str = field(default="", init=False)

    def new(self, stamped: Iterable[str]) -> tuple[str, ...]:
        """Return the lines after the last one told, without the time that stands before each."""
        fresh = []
        for line in stamped:
            stamp, _, text = line.partition(" ")
            if stamp > self._last:
                self._last = stamp
                fresh.append(text.rstrip("\n"))
        return tuple(fresh)
