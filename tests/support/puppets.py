"""Endpoints over replicas without processes: the test says what becomes of each one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

from include.serving.endpoint import Endpoint, Health, Variant
from include.serving.hosted import Addresses, HostedEndpoint
from include.serving.packages import Packages
from include.serving.replica import Build, Ground
from include.serving.servers import ServerRecords
from include.serving.streak import Streak
from include.serving.timings import Timings
from include.serving.upstream import Answer
from tests.support.fake_model_server import outputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.errors import AirworthyError
    from include.serving.witness import Asked, Predicted

EVERY: list[Puppet] = []
GOOD = json.dumps({"outputs": outputs(0.25, 1)}).encode()


class PuppetServer:
    """A model server's connections: answers, or does what it is told."""

    def __init__(self) -> None:
        self.posts = 0
        self.got: list[str] = []
        self.status, self.body = 200, GOOD
        self.error: Exception | None = None
        self.open: asyncio.Event | None = None

    async def post(self, path: str, body: bytes, request_id: str, seconds: float) -> Answer:
        self.got.append(request_id)
        if self.open is not None:
            async with asyncio.timeout(seconds):
                await self.open.wait()
        else:
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.posts += 1
        return Answer(self.status, b"application/json", self.body)


class Puppet:
    """A replica without a process."""

    def __init__(
        self, ground: Ground, build: Build, name: str, changed: Callable[[], None]
    ) -> None:
        self.build, self.name, self.changed = build, name, changed
        self.variant, self.message = "", ""
        self.health, self.restarts, self.in_flight = Health.STARTING, 0, 0
        self.upstream, self.streak, self.suspected = PuppetServer(), Streak(), 0
        EVERY.append(self)

    @property
    def ready(self) -> bool:
        return self.health is Health.READY

    def start(self, *_: object) -> None:
        self.health = Health.STARTING

    def suspect(self) -> None:
        self.suspected += 1

    async def record(self) -> None:
        return

    async def stop(self, drain: float, end: float) -> None:
        self.become(Health.STOPPED)

    def become(self, health: Health) -> None:
        self.health = health
        self.changed()


class NoSource:
    def fetch(self, prefix: str, folder: Path) -> None:
        raise AssertionError(prefix)


def wish(*variants: Variant, revision: int = 1) -> Endpoint:
    return Endpoint("loans", "loans", revision, "x", 1, variants)


def variant(name: str, version: int, weight: int, replicas: int = 1, *, mirror: int = 0) -> Variant:
    digest = f"{version}" * 64
    return Variant(name, f"{version}.0.0", "file:///p", digest, weight, replicas, mirror)


def hosted() -> HostedEndpoint:
    ground = Ground(
        folder=Path("/nowhere"),
        command=(),
        packages=Packages(Path("/nowhere"), NoSource(), "file:///"),
        records=ServerRecords(Path("/nowhere/servers.json")),
        timings=Timings(),
    )
    return HostedEndpoint(ground, Addresses("http://a", "http://r"), wish())


class Fleet:
    """One endpoint to be found."""

    def __init__(self, endpoint: HostedEndpoint) -> None:
        self.endpoint = endpoint

    def find(self, name: str) -> HostedEndpoint | None:
        return self.endpoint if name == "loans" else None


class Notes:
    """A witness that keeps everything."""

    def __init__(self) -> None:
        self.answers: list[Predicted] = []
        self.failures: list[tuple[Asked, str, str, AirworthyError]] = []
        self.pairs: list[tuple[Asked, Predicted | None, Predicted | None, str, str]] = []
        self.drops: list[tuple[Asked, str, str]] = []

    def answered(self, predicted: Predicted) -> None:
        self.answers.append(predicted)

    def failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        self.failures.append((asked, variant, version, error))

    def mirrored(
        self,
        asked: Asked,
        visible: Predicted | None,
        shadow: Predicted | None,
        variant: str,
        version: str,
    ) -> None:
        self.pairs.append((asked, visible, shadow, variant, version))

    def dropped(self, asked: Asked, variant: str, version: str) -> None:
        self.drops.append((asked, variant, version))
