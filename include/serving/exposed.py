"""What a model server says of itself at ``/metrics``, besides what KServe says.

What the router counts of a variant, counted by the server itself: for clusters where no router of
ours stands before it. A request that never arrives here is counted by nobody here.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from itertools import accumulate
from math import inf, isinf, sinh
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from include.evidence.tally import LATENCY_BOUNDS, OUTPUT_REACH, WARM_UP, latency_bin
from include.serving.guard import is_prediction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROWS = 1000
"""Rows of one request whose predictions are counted, as the router does."""
_LABELS = ("model", "version")
_REFUSED, _FAILED = 400, 500
_SHARES = tuple(round(step / 50, 2) for step in range(51))
# 10 % apart where numbers are large; 321 series a server.
_NUMBERS = tuple(float(f"{sinh(step / 10):.6g}") for step in range(-10 * int(OUTPUT_REACH), 161))


class Exposed:
    """Counts of one model server; a collector of prometheus-client's.

    Everything happens in the server's event loop, so that nothing has to be locked.

    Args:
        name: Name in the request paths.
        version: Version of the model.
        is_share: Whether predictions are probabilities.
    """

    def __init__(self, name: str, version: str, *, is_share: bool) -> None:
        self._own = (name, version)
        self._began = time.time()
        self._answered = 0
        # There from the first scrape on: a series that is missing then says that nobody scrapes.
        self._codes = {200: 0}
        self._latency, self._seconds = [0] * (len(LATENCY_BOUNDS) + 1), 0.0
        self._bounds = _SHARES if is_share else _NUMBERS
        self._predictions, self._sum = [0] * (len(self._bounds) + 1), 0.0

    def answered(self, status: int, seconds: float) -> None:
        """Count an answer; of the good ones after the warm-up also how long they took."""
        self._answered += 1
        self._codes[status] = self._codes.get(status, 0) + 1
        if status < _REFUSED and self._answered > WARM_UP:
            self._latency[latency_bin(seconds * 1000)] += 1
            self._seconds += seconds

    def predicted(self, values: Sequence[float]) -> None:
        """Count the predictions of one good answer."""
        for value in values[:ROWS]:
            self._predictions[bisect_left(self._bounds, value)] += 1
            self._sum += value

    def collect(self) -> Iterator[Metric]:
        """Return everything, for a scrape."""
        began = GaugeMetricFamily(
            "airworthy_model_start_time_seconds",
            "When this server began to count, in seconds since 1970.",
            labels=_LABELS,
        )
        began.add_metric(self._own, self._began)
        requests = CounterMetricFamily(
            "airworthy_model_requests",
            "Requests for predictions by HTTP status.",
            labels=(*_LABELS, "code"),
        )
        for code, count in sorted(self._codes.items()):
            requests.add_metric((*self._own, str(code)), count)
        yield from (began, requests)
        yield self._histogram(
            "airworthy_model_request_seconds",
            f"Seconds until a good answer was written, the first {WARM_UP} answers left out.",
            [
                (bound / 1000, count)
                for bound, count in zip((*LATENCY_BOUNDS, inf), self._latency, strict=True)
            ],
            self._seconds,
        )
        yield self._histogram(
            "airworthy_model_prediction",
            "Predictions of good answers: probabilities, or numbers.",
            list(zip((*self._bounds, inf), self._predictions, strict=True)),
            self._sum,
        )

    def _histogram(
        self, name: str, told: str, bins: list[tuple[float, int]], total: float
    ) -> HistogramMetricFamily:
        family = HistogramMetricFamily(name, told, labels=_LABELS)
        bounds = ("+Inf" if isinf(bound) else f"{bound:.9g}" for bound, _ in bins)
        cumulated = accumulate(count for _, count in bins)
        family.add_metric(self._own, list(zip(bounds, cumulated, strict=True)), total)
        return family


class Counting:
    """ASGI middleware around a whole model server, its refusals included."""

    def __init__(self, app: ASGIApp, *, exposed: Exposed) -> None:
        self.app, self.exposed = app, exposed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; count it once its answer is written, or there is none."""
        if scope["type"] != "http" or not is_prediction(scope["path"]):
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), _FAILED

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception:
            self.exposed.answered(_FAILED, time.perf_counter() - started)
            raise
        self.exposed.answered(status, time.perf_counter() - started)
