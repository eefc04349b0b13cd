"""Requests at a fixed rate: the next one goes out when it is due, whatever became of the last.

An open loop (Schroeder, Wierman and Harchol-Balter 2006, NSDI): a slow endpoint does not slow its
callers down, so its delays are seen as they are. What is in flight is bounded; a request that finds
no room counts as failed.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING

import httpx

from include.replay import request
from include.replay.outcomes import Postbox
from include.replay.tally import ReplaySummary, Tally, claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.replay.held_back import Application, HeldBack

MOST_IN_FLIGHT = 128
_NAP = 0.2


@dataclass(frozen=True)
class Target:
    """Where requests and labels go.

    Attributes:
        router: Address of the router.
        endpoint: Name of the endpoint.
        token: Bearer token for labels; empty sends none.
        timeout: Longest wait for an answer, in seconds.
    """

    router: str
    endpoint: str
    token: str = ""
    timeout: float = 10.0

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"{self.router.rstrip('/')}/v2/models/{self.endpoint}/infer"

    @property
    def outcomes(self) -> str:
        """Where labels go."""
        return f"{self.router.rstrip('/')}/outcomes"


@dataclass(frozen=True)
class Pace:
    """How fast and how long; the first limit that is reached ends it.

    Attributes:
        rate: Requests a second.
        requests: Most requests; 0 for no such limit.
        seconds: Longest time; 0 for no such limit.
        rows: Applications in each request.
        label_delay: Seconds between an answer and its label.
        seed: Decides the order of the applications.
    """

    rate: float
    requests: int = 0
    seconds: float = 0.0
    rows: int = 1
    label_delay: float = 1.0
    seed: int = 1


class Replay:
    """One replay of held-back rows.

    Args:
        held: What may be sent.
        target: Where to.
        pace: How fast and how long.
    """

    def __init__(self, held: HeldBack, target: Target, pace: Pace) -> None:
        self._held, self._target, self._pace = held, target, pace
        self._is_stopped = False
        self._name = secrets.token_hex(6)
        self.tally = Tally()

    def stop(self) -> None:
        """Send no more; may be called from any thread."""
        self._is_stopped = True

    async def run(self) -> ReplaySummary:
        """Send until a limit is reached or somebody stops it, and return what became of it."""
        loop, target = asyncio.get_running_loop(), self._target
        began = loop.time()
        limits = httpx.Limits(max_connections=MOST_IN_FLIGHT + 2)
        async with httpx.AsyncClient(
            timeout=target.timeout, limits=limits, trust_env=False
        ) as client:
            delay = self._pace.label_delay
            postbox = Postbox(client, target.outcomes, target.token, delay, self.tally)
            delivering = asyncio.create_task(postbox.run())
            await self._send_all(client, postbox)
            took = loop.time() - began
            postbox.close()
            await delivering
        return self._summary(took)

    async def _send_all(self, client: httpx.AsyncClient, postbox: Postbox) -> None:
        loop, pace = asyncio.get_running_loop(), self._pace
        began, pending = loop.time(), set[asyncio.Task[None]]()
        everyone = shuffled(self._held.applications, pace.seed)
        for number in count():
            await self._nap_until(began + number / pace.rate)
            is_over = pace.seconds and loop.time() - began >= pace.seconds
            if self._is_stopped or is_over or (pace.requests and number >= pace.requests):
                break
            self.tally.sent += 1
            if len(pending) >= MOST_IN_FLIGHT:
                self.tally.fail("too many unanswered")
                continue
            rows = tuple(islice(everyone, pace.rows))
            task = asyncio.create_task(self._send(client, postbox, number, rows))
            pending.add(task)
            task.add_done_callback(pending.discard)
        await asyncio.gather(*pending)

    async def _nap_until(self, due: float) -> None:
        # Not in one piece, so that a slow replay can be stopped at once.
        loop = asyncio.get_running_loop()
        while not self._is_stopped and (left := due - loop.time()) > 0:
            await asyncio.sleep(min(left, _NAP))

    async def _send(
        self,
        client: httpx.AsyncClient,
        postbox: Postbox,
        number: int,
        rows: tuple[Application, ...],
    ) -> None:
        loop, request_id = asyncio.get_running_loop(), f"replay-{self._name}-{number}"
        headers = {"Content-Type": "application/json", "X-Request-Id": request_id}
        body = request.body(self._held.features, [one.cells for one in rows])
        began = loop.time()
        try:
            answer = await client.post(self._target.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            self.tally.fail(type(error).__name__)
            return
        if answer.status_code != httpx.codes.OK:
            self.tally.fail(f"status {answer.status_code}")
            return
        self.tally.answer(answer.headers.get("x-airworthy-version", ""), loop.time() - began)
        if self._target.token:
            postbox.put(request_id, [one.label for one in rows])

    def _summary(self, seconds: float) -> ReplaySummary:
        tally = self.tally
        return ReplaySummary(
            url=self._target.url,
            seconds=round(seconds, 1),
            rate=self._pace.rate,
            sent=tally.sent,
            answered=sum(tally.answered.values()),
            failed=sum(tally.failures.values()),
            by_version=dict(sorted(tally.answered.items())),
            failures=dict(sorted(tally.failures.items())),
            median_ms=tally.quantile(0.5),
            p99_ms=tally.quantile(0.99),
            labels=tally.label_counts(),
            rows=tally.sent * self._pace.rows,
            applications=min(tally.sent * self._pace.rows, len(self._held.applications)),
            claim=claim(self._held, tally.sent * self._pace.rows),
        )


def shuffled(applications: tuple[Application, ...], seed: int) -> Iterator[Application]:
    """Yield the applications for ever, each once in every round, in a new order each round."""
    order, generator = list(applications), random.Random(seed)  # noqa: S311 - an order, no secret
    while True:
        generator.shuffle(order)
        yield from order
