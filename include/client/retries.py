"""When to try a request again, and how long to wait before it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Retries:
    """Bounded exponential back-off with full jitter.

    Attributes:
        attempts: How often a request is sent at most.
        first_seconds: Upper end of the first wait.
        cap_seconds: Upper end of every wait.
        budget_seconds: No further try begins once this much time has passed since the first.
    """

    attempts: int = 20
    first_seconds: float = 0.25
    cap_seconds: float = 5.0
    budget_seconds: float = 45.0

    def wait(self, tried: int, asked: float | None = None) -> float:
        """Return the seconds to wait after ``tried`` tries.

        Args:
            tried: Tries so far, at least one.
            asked: What the server asked for in ``Retry-After``; honoured up to the cap.
        """
        ceiling: float = min(self.cap_seconds, self.first_seconds * 2 ** (tried - 1))
        # Full jitter: many tasks that fail together must not come back together.
        waited = random.uniform(0, ceiling)  # noqa: S311 - not a secret
        return min(max(waited, asked or 0.0), self.cap_seconds)

    def may_try_again(self, tried: int, elapsed_seconds: float) -> bool:
        """Say whether one more try is within the bounds."""
        return tried < self.attempts and elapsed_seconds < self.budget_seconds


def retry_after(response: httpx.Response) -> float | None:
    """Return the whole seconds of a ``Retry-After`` header; a date in it is not honoured."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdigit() else None
