"""Processes of one installation, found by the marker in their environment, never by name."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

INSTANCE = "AIRWORTHY_INSTANCE"
SERVICE = "AIRWORTHY_SERVICE"


def marked(instance: str, *, service: str | None = None) -> tuple[psutil.Process, ...]:
    """Return the processes that carry the marker, without this one and its ancestors.

    Args:
        instance: Value of ``AIRWORTHY_INSTANCE`` to look for.
        service: Only those of this program, where given.
    """
    family = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return tuple(
        process
        for process in psutil.process_iter()
        if process.pid not in family and _carries(process, instance, service)
    )


def _carries(process: psutil.Process, instance: str, service: str | None) -> bool:
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    if environment.get(INSTANCE) != instance:
        return False
    return service is None or environment.get(SERVICE) == service


def end(victims: Iterable[psutil.Process], *, grace: float) -> int:
    """Ask processes to end, kill what is left after ``grace`` seconds, and return their number."""
    asked = list(victims)
    for process in asked:
        _tell(process, kill=False)
    stubborn = _still_alive(asked, grace)
    for process in stubborn:
        _tell(process, kill=True)
    _still_alive(stubborn, 5)
    return len(asked)


def _still_alive(some: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    # Not psutil.wait_procs: it waits for zombies, which a container whose first process reaps
    # nobody keeps for ever.
    deadline = time.monotonic() + seconds
    while (alive := [one for one in some if _lives(one)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _tell(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        return


def sweep(instance: str, *, service: str | None = None, grace: float = 4.0) -> int:
    """End every marked process, also those that appear meanwhile; return their number."""
    ended = 0
    for _ in range(5):
        found = marked(instance, service=service)
        if not found:
            return ended
        ended += end(found, grace=grace)
    return ended


def await_end(pid: int, seconds: float) -> bool:
    """Wait until a process has ended; say whether it has."""
    try:
        return not _still_alive([psutil.Process(pid)], seconds)
    except psutil.NoSuchProcess:
        return True


def memory(instance: str) -> tuple[int, int]:
    """Return (bytes of proportional set size, number of processes) of an installation."""
    sizes = [_pss(process) for process in marked(instance)]
    return sum(sizes), len(sizes)


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0


def holder(port: int) -> str:
    """Return who listens on a port, as far as the system lets us see it, else an empty string."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return ""
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or connection.pid is None:
            continue
        if connection.laddr[1:] == (port,):
            return _describe(connection.pid)
    return ""


def _describe(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
