"""One model server as an operating system process: started, or adopted from an earlier daemon."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from include.serving.servers import ServerRecord

HOST = "127.0.0.1"
# Marks every model server of one daemon folder, beside the suite's own marker: a server that was
# started a moment before a crash is in no record yet.
MARK = "AIRWORTHY_SERVED_FROM"
_KEPT_LOGS = 5
_TAIL = 4096
_CLOCK_TICKS = 0.05


class ServerProcess:
    """A model server that leads its own process group."""

    def __init__(self, process: psutil.Process, child: subprocess.Popen[bytes] | None) -> None:
        self._process = process
        self._child = child
        self.pid = process.pid
        self.started = process.create_time()

    @classmethod
    def start(cls, command: Sequence[str], environ: Mapping[str, str], log: Path) -> ServerProcess:
        """Start a server whose output goes to ``log``; earlier logs are kept as ``.1`` to ``.5``.

        Raises:
            OSError: the command cannot be started.
        """
        _rotate(log)
        with log.open("wb") as output:
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                start_new_session=True,
            )
        return cls(psutil.Process(child.pid), child)

    @classmethod
    def adopt(cls, record: ServerRecord) -> ServerProcess | None:
        """Return the recorded server if exactly that process still lives."""
        try:
            found = cls(psutil.Process(record.pid), None)
        except psutil.Error:
            return None
        same = abs(found.started - record.started) < _CLOCK_TICKS
        return found if same and found.alive() else None

    def alive(self) -> bool:
        """Say whether it runs; reaps it where it is our child."""
        if self._child is not None:
            return self._child.poll() is None
        try:
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    @property
    def ending(self) -> str:
        """How it ended, as far as that can be known."""
        code = None if self._child is None else self._child.poll()
        if code is None:
            return "it is gone"
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def listens_on(self, port: int) -> bool:
        """Say whether it, and no stranger, answers on the port."""
        try:
            family = [self._process, *self._process.children(recursive=True)]
            return any(
                connection.laddr.port == port
                for member in family
                for connection in member.net_connections("tcp")
                if connection.status == psutil.CONN_LISTEN
            )
        except psutil.Error:
            return False

    def terminate(self) -> None:
        """Ask it to end."""
        if self.alive():
            _signal(self.pid, signal.SIGTERM, group=False)

    def kill(self) -> None:
        """End it and all that it started."""
        _signal(self.pid, signal.SIGKILL, group=True)


def _signal(pid: int, number: signal.Signals, *, group: bool) -> None:
    try:
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def strays(folder: Path, known: frozenset[int]) -> tuple[ServerProcess, ...]:
    """Return the model servers started from ``folder`` that no record names."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.pid not in known and process.environ().get(MARK) == str(folder)
            leads = ours and os.getpgid(process.pid) == process.pid
            if leads and process.status() != psutil.STATUS_ZOMBIE:
                found.append(ServerProcess(process, None))
        except (psutil.Error, OSError):
            continue
    return tuple(found)


def free_port() -> int:
    """Return a port nobody listens on.

    Somebody may take it before the server does. Then the server ends, or a stranger answers in its
    place, which ``listens_on`` notices; either way the next start gets another port.
    """
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def last_line(log: Path) -> str:
    """Return the last line that a server wrote, at most 4 KiB of it."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    for number in range(_KEPT_LOGS, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)
