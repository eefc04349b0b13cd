"""Bounded load on a router: a fixed rate, every answer kept."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True)
class Seen:
    """One answer; ``status`` 0 stands for no answer at all."""

    status: int
    variant: str
    version: str
    at: float
    seconds: float
    revision: int = 0


@dataclass
class Traffic:
    """Requests at a rate from a thread of its own, between ``with`` and its end."""

    url: str
    rate: float = 100.0
    bodies: tuple[bytes, ...] = (b'{"inputs": []}',)
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Traffic:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(
            timeout=20, limits=limits, trust_env=False, headers=self.headers
        ) as client:
            pending: set[asyncio.Task[None]] = set()
            began, sent = time.monotonic(), 0
            while not self._stop.is_set():
                task = asyncio.create_task(self._one(client, self.bodies[sent % len(self.bodies)]))
                pending.add(task)
                task.add_done_callback(pending.discard)
                sent += 1
                await asyncio.sleep(max(0.0, began + sent / self.rate - time.monotonic()))
            await asyncio.gather(*pending)

    async def _one(self, client: httpx.AsyncClient, body: bytes) -> None:
        began = time.monotonic()
        try:
            answer = await client.post(self.url, content=body)
        except httpx.HTTPError:
            self.seen.append(Seen(0, "", "", began, time.monotonic() - began))
            return
        variant = answer.headers.get("x-airworthy-variant", "")
        version = answer.headers.get("x-airworthy-version", "")
        revision = int(answer.headers.get("x-airworthy-revision", "0"))
        took = time.monotonic() - began
        self.seen.append(Seen(answer.status_code, variant, version, began, took, revision))

    @property
    def statuses(self) -> Counter[int]:
        return Counter(one.status for one in self.seen)

    @property
    def versions(self) -> Counter[str]:
        return Counter(one.version for one in self.seen)
