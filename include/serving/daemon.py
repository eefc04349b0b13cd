"""The serving daemon: admin API, router and supervision of model servers in one event loop.

One process, because the router must know within the same instant what supervision knows: who is
ready, who drains, how many requests are in flight.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from include import logs
from include.errors import InfrastructureError
from include.serving import admin
from include.serving.desired import DesiredStates
from include.serving.dispatch import Dispatcher
from include.serving.fleet import Fleet
from include.serving.hosted import Addresses
from include.serving.limits import Limits
from include.serving.measures import Measures
from include.serving.packages import Packages, PackageSource
from include.serving.process import HOST
from include.serving.recording import Recording, RecordingOptions
from include.serving.replica import Ground
from include.serving.router import Router
from include.serving.servers import ServerRecords
from include.serving.timings import Timings
from include.serving.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

_GRACE_SECONDS = 4
_COLLECT_AFTER = (10_000, 20, 50)
# The threads of the logs encode some milliseconds at a stretch. By default the interpreter lets
# them finish before the event loop, with the answers, gets its turn: it waits for 5 ms.
_TURN_SECONDS = 0.0005


@dataclass(frozen=True)
class DaemonOptions:
    """What a daemon is told.

    Attributes:
        folder: Where its state, logs and packages are.
        store: URI of the object store; packages lie below it.
        token: What callers of the admin API must know.
        admin_port: Port of the admin API.
        router_port: Port of the router.
        command: What starts a model server, without its options.
        body_limit: Largest request body, in bytes.
        timings: How patient it is.
        limits: How much each endpoint may be asked.
        recording: What it remembers of predictions.
    """

    folder: Path
    store: str
    token: str = field(repr=False)
    admin_port: int
    router_port: int
    command: tuple[str, ...]
    body_limit: int = 1 << 20
    timings: Timings = field(default_factory=Timings)
    limits: Limits = field(default_factory=Limits)
    recording: RecordingOptions = field(default_factory=RecordingOptions)


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine.

    Raises:
        InfrastructureError: the port is taken.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError as refused:
        listener.close()
        if refused.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise InfrastructureError(
            "the port is taken",
            where=f"{HOST}:{port}",
            remedy="Stop who has it, or set AIRWORTHY_SERVING_PORT or AIRWORTHY_ROUTER_PORT",
        ) from refused
    return listener


def run(options: DaemonOptions, source: PackageSource) -> None:
    """Serve until SIGTERM or SIGINT, then stop routing and end all model servers.

    Raises:
        InfrastructureError: a port is taken.
    """
    sys.setswitchinterval(_TURN_SECONDS)
    with (
        listen(options.admin_port) as admin_socket,
        listen(options.router_port) as router_socket,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(options, source, admin_socket, router_socket))


async def _serve(
    options: DaemonOptions,
    source: PackageSource,
    admin_socket: socket.socket,
    router_socket: socket.socket,
) -> None:
    stopping = _stop_signal()
    measures = Measures()
    fleet = _fleet(options, source)
    recording = Recording(options.folder, fleet, measures, options.recording)
    witnesses = (measures, *recording.witnesses)
    dispatcher = Dispatcher(fleet, options.timings, witnesses, options.limits)
    measures.watch(fleet)
    await fleet.restore()
    recording.start()
    application = admin.application(fleet, dispatcher, recording.ledger)
    door = admin.Door(application, options.token, options.body_limit)
    managing = _server(door)
    task = asyncio.create_task(managing.serve([admin_socket]))
    routing = Wire(Router(dispatcher, measures, recording.outcomes), options.body_limit)
    await routing.open(router_socket)
    _settle_memory()
    logs.get("serving").info("serving", admin=options.admin_port, router=options.router_port)
    await asyncio.wait(
        [asyncio.create_task(stopping.wait()), task], return_when=asyncio.FIRST_COMPLETED
    )
    logs.get("serving").info("stopping", endpoints=list(fleet.names))
    managing.should_exit = True
    await asyncio.gather(
        asyncio.wait([task], timeout=_GRACE_SECONDS + 1), routing.close(_GRACE_SECONDS)
    )
    await recording.stop()
    await fleet.stop()
    logs.get("serving").info("stopped")


def _settle_memory() -> None:
    """Keep what was there at the start out of every garbage collection.

    A full collection looks at all objects of all libraries and stops the router for that long.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def _server(app: ASGIApp) -> _Server:
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config)


def _fleet(options: DaemonOptions, source: PackageSource) -> Fleet:
    allowed = f"{options.store.rstrip('/')}/packages"
    packages = Packages(options.folder / "packages", source, allowed)
    ground = Ground(
        folder=options.folder,
        command=options.command,
        packages=packages,
        records=ServerRecords(options.folder / "servers.json"),
        timings=options.timings,
    )
    addresses = Addresses(
        admin=f"http://{HOST}:{options.admin_port}", router=f"http://{HOST}:{options.router_port}"
    )
    return Fleet(ground, addresses, DesiredStates(options.folder / "state"))
