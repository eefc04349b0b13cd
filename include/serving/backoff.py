"""How long to wait before a model server is started again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Backoff:
    """Pauses that double from ``first`` to ``longest`` seconds until ``reset``."""

    first: float = 1.0
    longest: float = 30.0

    def __post_init__(self) -> None:
        self._next = self.first

    def next(self) -> float:
        """Return the pause before the coming start, in seconds."""
        pause, self._next = self._next, min(self._next * 2, self.longest)
        return pause

    def reset(self) -> None:
        """Begin again with the first pause."""
        self._next = self.first
