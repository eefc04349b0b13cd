"""Copies of callers' requests, sent to shadow variants behind the callers' backs.

A copy begins only in a later turn of the event loop than the visible answer, which is written in
the turn in which it is there; so no caller waits for a shadow. What a shadow costs is a share of
the event loop's time.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from include.errors import ServingUnavailable
from include.serving.attempt import Target, attempt
from include.serving.background import Background

if TYPE_CHECKING:
    from include.serving.deployment import Deployment
    from include.serving.witness import Asked, Predicted, Witness

MOST = 32
"""Copies in flight to one shadow; a further one is dropped."""


class Mirror:
    """Sends copies.

    Args:
        seconds: Longest wait for a shadow's answer.
        witnesses: Who is told of each copy, sent or dropped.
    """

    def __init__(self, seconds: float, witnesses: tuple[Witness, ...]) -> None:
        self._seconds, self._witnesses = seconds, witnesses
        self._in_flight: Counter[tuple[str, str]] = Counter()
        self._background = Background()

    def reflect(
        self, shadows: tuple[Deployment, ...], asked: Asked, visible: Predicted | None
    ) -> None:
        """Begin a copy for each shadow; returns at once and never raises.

        Args:
            shadows: Who gets a copy.
            asked: The request.
            visible: Its answer; None where nobody answered.
        """
        for shadow in shadows:
            target = Target(shadow.variant, shadow, shadow.pick())
            key = (asked.endpoint, target.variant)
            if target.replica is None or self._in_flight[key] >= MOST:
                for witness in self._witnesses:
                    witness.dropped(asked, target.variant, target.version)
            else:
                self._in_flight[key] += 1
                self._background.run(self._copy(target, asked, visible))

    async def _copy(self, target: Target, asked: Asked, visible: Predicted | None) -> None:
        shadow: Predicted | None = None
        try:
            shadow = await attempt(target, asked, self._seconds)
        except ServingUnavailable:
            pass  # No retry: a shadow that fails is evidence.
        finally:
            self._in_flight[asked.endpoint, target.variant] -= 1
        for witness in self._witnesses:
            witness.mirrored(asked, visible, shadow, target.variant, target.version)
