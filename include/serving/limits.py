"""How much one endpoint may be asked: a rate of requests, and requests at the same time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.serving.faults import TooBusy, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_CONCURRENT = 100_000
_HIGHEST_RATE = 1e6


@dataclass(frozen=True)
class Limits:
    """What one endpoint answers; more is refused at once, since a queue would only be late.

    Attributes:
        rate: Requests a second over time, at least 1; twice as many may come in one burst.
        concurrent: Requests being answered at the same time.
    """

    rate: float = 2000.0
    concurrent: int = 1024


def read(rate: str, concurrent: str) -> Limits:
    """Return the limits that an installation declares; an empty text leaves the default.

    Raises:
        BadInput: no number, or one out of range.
    """
    given = Limits()
    return Limits(
        _number("AIRWORTHY_ROUTER_RATE", rate, _HIGHEST_RATE) if rate else given.rate,
        int(_number("AIRWORTHY_ROUTER_CONCURRENT", concurrent, _MOST_CONCURRENT))
        if concurrent
        else given.concurrent,
    )


def _number(name: str, text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= most:
        raise BadInput(
            "no such limit", where=name, value=text, remedy=f"Give a number from 1 to {most:g}"
        )
    return number


class Turnstile:
    """Admits requests to one endpoint: a token bucket, and a count of those inside.

    Args:
        limits: How many.
        monotonic: A clock that never jumps, in seconds.
    """

    def __init__(self, limits: Limits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._now = limits, monotonic
        self._most = max(1.0, 2 * limits.rate)
        self._tokens, self._filled = self._most, monotonic()
        self.inside = 0

    def enter(self, endpoint: str) -> None:
        """Count a request in, until it leaves.

        Raises:
            TooBusy: as many as the limit are inside.
            TooManyRequests: more came lately than the rate allows.
        """
        limits = self._limits
        if self.inside >= limits.concurrent:
            raise TooBusy(
                f"{limits.concurrent} requests are being answered, and no more at a time",
                where=endpoint,
                remedy="Ask again, or raise AIRWORTHY_ROUTER_CONCURRENT",
            )
        now = self._now()
        tokens = min(self._most, self._tokens + (now - self._filled) * limits.rate)
        self._filled = now
        if tokens < 1:
            self._tokens = tokens
            raise TooManyRequests(
                f"more than {limits.rate:g} requests a second",
                where=endpoint,
                remedy="Ask less often, or raise AIRWORTHY_ROUTER_RATE",
            )
        self._tokens = tokens - 1
        self.inside += 1

    def leave(self) -> None:
        """Count a request out."""
        self.inside -= 1
