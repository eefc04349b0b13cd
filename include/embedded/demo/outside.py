"""The traffic from outside: held-back applications from the moment that somebody answers."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import httpx

from include import settings
from include.embedded import credentials
from include.replay.held_back import held_back
from include.replay.landing_zone import LandingZone
from include.replay.traffic import Pace, Replay, Target
from include.store.open import open_store

if TYPE_CHECKING:
    from include.embedded.demo.progress import Progress
    from include.embedded.home import Home
    from include.replay.tally import ReplaySummary
    from include.spec.model import Spec

# A caller asks about several applications at once, as a broker would: on two cores that also train,
# the labels of six cost little more than those of one.
RATE, ROWS, LABEL_DELAY = 20.0, 6, 2.0
# Whatever becomes of the demo, its traffic ends.
LONGEST_SECONDS = 1800.0


class Outside:
    """Callers of an endpoint, who know nothing of releases.

    Args:
        home: The installation, for the token that labels need.
        spec: The model whose held-back rows are sent.
        router: Address of the router.
        progress: Where it is told that they begin and end.
    """

    def __init__(self, home: Home, spec: Spec, router: str, progress: Progress) -> None:
        self._home, self._spec, self._router, self._progress = home, spec, router, progress
        self._replay: Replay | None = None
        self._summary: ReplaySummary | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def begin_once_ready(self) -> None:
        """Begin as soon as somebody answers requests; called again and again."""
        if self._replay is None and self._is_ready():
            self._begin()

    def end(self) -> ReplaySummary | None:
        """Send no more, wait for the last labels, and return what became of it all."""
        if self._replay is None:
            return None
        self._replay.stop()
        self._thread.join()
        if self._summary is not None:
            self._progress.event(f"the callers end: {self._replay.tally.line()}")
        return self._summary

    def _begin(self) -> None:
        here = settings.read()
        held = held_back(self._spec, LandingZone(open_store(), here.arrivals, here.store))
        token = credentials.read(self._home).outcomes_token
        target = Target(self._router, self._spec.release.endpoint, token)
        pace = Pace(RATE, seconds=LONGEST_SECONDS, rows=ROWS, label_delay=LABEL_DELAY)
        self._replay = Replay(held, target, pace)
        self._thread.start()
        number = len(held.applications)
        self._progress.event(
            f"callers begin: {RATE:g} requests/s with {ROWS} each of {number} applications "
            f"{held.why}; labels {LABEL_DELAY:g} s after the answers"
        )

    def _run(self) -> None:
        if self._replay is not None:
            self._summary = asyncio.run(self._replay.run())

    def _is_ready(self) -> bool:
        url = f"{self._router}/v2/models/{self._spec.release.endpoint}/ready"
        try:
            return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
