"""One replica: a model server kept alive, and the requests it is answering."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import psutil

from include import logs
from include.errors import AirworthyError
from include.serving import process
from include.serving.backoff import Backoff
from include.serving.endpoint import Health
from include.serving.process import MARK, ServerProcess
from include.serving.reason import why
from include.serving.servers import ServerRecord
from include.serving.streak import Streak
from include.serving.upstream import Unanswered, Upstream
from include.serving.vigil import Vigil

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.serving.packages import Packages
    from include.serving.servers import ServerRecords
    from include.serving.timings import Timings

_Noted = TypeVar("_Noted")
_OK = 200
_LOOK_WHILE_STARTING = 0.2
_SECRETS = frozenset({
    "AIRWORTHY_SERVING_TOKEN",
    "AIRWORTHY_OUTCOMES_TOKEN",
    "AIRWORTHY_WORKLOAD_SECRET",
    "AIRWORTHY_DATABASE_URL",
})


@dataclass(frozen=True)
class Ground:
    """What every replica of a daemon stands on.

    Attributes:
        folder: The daemon's folder.
        command: What starts a model server, without its options.
        packages: Local packages.
        records: Where running servers are recorded.
        timings: How patient to be.
    """

    folder: Path
    command: tuple[str, ...]
    packages: Packages
    records: ServerRecords
    timings: Timings


@dataclass(frozen=True)
class Build:
    """What a replica serves: one version of an endpoint's model."""

    endpoint: str
    version: str
    package_uri: str
    package_digest: str


class Replica:
    """A model server that is started, watched, started again, and at last drained.

    Attributes:
        health: What its last checks said.
        message: Why it is not ready, or why it was started again.
        restarts: Starts after the first.
        in_flight: Requests it is answering.
        streak: Requests that it failed since its last good answer.
    """

    def __init__(
        self, ground: Ground, build: Build, name: str, changed: Callable[[], None]
    ) -> None:
        self._ground, self.build, self.name = ground, build, name
        self.variant = ""
        self.health, self.message, self.restarts, self.in_flight = Health.STARTING, "", 0, 0
        self.upstream: Upstream | None = None
        self.streak = Streak()
        self._changed = changed
        self._process: ServerProcess | None = None
        self._starts = 0
        self._reason = ""
        self._port = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._backoff = Backoff(ground.timings.first_pause, ground.timings.longest_pause)
        self._log = ground.folder / "logs" / f"{name}.log"
        self._logger = logs.get("serving").bind(endpoint=build.endpoint, replica=name)

    @property
    def ready(self) -> bool:
        """Whether requests may be sent to it."""
        return self.health is Health.READY and self.upstream is not None

    def start(self, adopted: ServerProcess | None = None, port: int = 0) -> None:
        """Begin to supervise: a running server where one is given, else one of its own."""
        if adopted is not None:
            self._process, self._port, self._starts = adopted, port, 1
            self.upstream = Upstream(process.HOST, port)
        self._task = asyncio.create_task(self._supervise(), name=f"replica {self.name}")

    def suspect(self) -> None:
        """Look at the server now: a request to it has just failed."""
        self._wake.set()

    async def stop(self, drain: float, end: float) -> None:
        """Let requests in flight finish, then end the server.

        Args:
            drain: Longest wait for requests in flight, in seconds.
            end: Seconds from SIGTERM to SIGKILL.
        """
        await _until(lambda: self.in_flight == 0, drain)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._process is not None:
            running = self._process
            running.terminate()
            await _until(lambda: not running.alive(), end)
        await self._clear()
        self._ground.records.release(self.name)
        self._become(Health.STOPPED, "")
        self._logger.info("replica_stopped")

    async def _supervise(self) -> None:
        while True:
            reason = self._reason = await self._live()
            self._logger.warning("replica_failed", reason=reason, restarts=self.restarts)
            pause = self._backoff.next()
            self._become(
                Health.UNHEALTHY, f"{reason}; start {self._starts + 1} follows in {pause:g} s"
            )
            await self._clear()
            await asyncio.sleep(pause)

    async def _live(self) -> str:
        """Start the server if none is there, watch it, and return why it has to be replaced."""
        try:
            if self._process is None:
                await self._launch()
            return await self._watch()
        except AirworthyError as cause:
            return str(cause)
        except (OSError, psutil.Error) as cause:
            return f"the model server cannot be started: {cause}"
        except Exception as cause:  # whatever it was, the replica must not stay unsupervised
            self._logger.exception("supervision_failed")
            return f"an error in supervision: {cause}"

    async def _launch(self) -> None:
        build = self.build
        packages = self._ground.packages
        folder = await asyncio.to_thread(packages.obtain, build.package_uri, build.package_digest)
        self._port = process.free_port()
        options = {"package": folder, "name": build.endpoint, "version": build.version}
        given = [f"--{name}={value}" for name, value in options.items()]
        environ = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        # A supervisor that ends the remains of a killed daemon must leave its servers: they go on
        # answering until the next daemon adopts them.
        environ |= {MARK: str(self._ground.folder), "AIRWORTHY_SERVICE": "model-server"}
        self._process = ServerProcess.start(
            [*self._ground.command, *given, f"--port={self._port}"], environ, self._log
        )
        self.upstream = Upstream(process.HOST, self._port)
        self.restarts = self._starts
        self._starts += 1
        self.streak.ended()
        self._logger.info("replica_started", pid=self._process.pid, port=self._port)
        await self.record()

    async def record(self) -> None:
        """Note the running server on disk, under the variant that it serves now."""
        if self._process is None:
            return
        build, running = self.build, self._process
        record = ServerRecord(
            replica=self.name,
            endpoint=build.endpoint,
            variant=self.variant,
            version=build.version,
            package_uri=build.package_uri,
            package_digest=build.package_digest,
            pid=running.pid,
            started=running.started,
            port=self._port,
        )
        await self._note(self._ground.records.put, record)

    async def _watch(self) -> str:
        timings, loop = self._ground.timings, asyncio.get_running_loop()
        vigil = Vigil(timings, loop.time())
        while self._process is not None:
            if not self._process.alive():
                return self._obituary(self._process.ending)
            answered = await self._answers()
            if reason := vigil.note(answered, loop.time()):
                return reason if vigil.ready_since else f"{reason}: {why(self._log)}"
            if answered and not self.ready and not await self._greet():
                return f"port {self._port} is answered by another process"
            if vigil.proven(loop.time()):
                self._settled()
            starting = vigil.ready_since is None
            await self._pause(_LOOK_WHILE_STARTING if starting else timings.probe_every)
        return "it is gone"

    def _obituary(self, ending: str) -> str:
        # What a server that was killed wrote last has nothing to do with its end.
        told = f": {why(self._log)}" if ending.startswith("exit code") else ""
        return f"the model server ended ({ending}){told}"

    async def _answers(self) -> bool:
        if self.upstream is None:
            return False
        try:
            answer = await self.upstream.get("/v2/health/ready", self._ground.timings.probe_timeout)
        except (Unanswered, TimeoutError):
            return False
        return answer.status == _OK

    async def _greet(self) -> bool:
        """Take the first good check for what it is, once the port is proved to be the server's."""
        running = self._process
        if running is None or not await asyncio.to_thread(running.listens_on, self._port):
            return False
        again = f"started {self._starts} times; last failure: {self._reason}"
        self._logger.info("replica_ready", pid=running.pid, port=self._port)
        self._become(Health.READY, again if self._reason else "")
        return True

    def _settled(self) -> None:
        self._backoff.reset()
        self._reason = ""
        if self.message:
            self._become(Health.READY, "")

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _clear(self) -> None:
        if self._process is not None:
            ended = self._process
            self._process = None
            ended.kill()
            await _until(lambda: not ended.alive(), 5)
            await self._note(self._ground.records.drop, self.name)
        if self.upstream is not None:
            self.upstream.close()
            self.upstream = None

    async def _note(self, write: Callable[[_Noted], None], what: _Noted) -> None:
        """Change the records; a full disk must not end a server that works."""
        try:
            await asyncio.to_thread(write, what)
        except OSError as refused:
            self._logger.exception("record_not_written", error=str(refused))

    def _become(self, health: Health, message: str) -> None:
        self.health, self.message = health, message
        self._changed()


async def _until(done: Callable[[], bool], seconds: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not done() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
