"""supervisord: its configuration, its start and its door (XML-RPC over a private unix socket)."""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, cast
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from include.embedded.credentials import write_private
from include.embedded.environment import shared
from include.embedded.home import REPOSITORY
from include.embedded.launch import environment_file
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.embedded.home import Home
    from include.embedded.programs import Program

_START_SECONDS = 20
_HEAD = """\
[unix_http_server]
file = {socket}
chmod = 0700

[supervisord]
logfile = {logs}/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {run}/supervisord.pid
childlogdir = {logs}
directory = {repository}
identifier = airworthy
nocleanup = true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
# `startretries` counts failures in a row, each waiting a second longer than the one before.
_PROGRAM = """
[program:{name}]
command = {command}
directory = {repository}
priority = {priority}
autostart = true
autorestart = true
startsecs = 3
startretries = 8
stopsignal = TERM
stopwaitsecs = {patience}
stopasgroup = {stopasgroup}
killasgroup = true
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


@dataclass(frozen=True)
class ProgramStatus:
    """How supervisord sees a program.

    Attributes:
        state: supervisord's word: ``RUNNING``, ``STARTING``, ``BACKOFF``, ``FATAL`` ...
        pid: Process id, 0 when it does not run.
        since: Seconds since the epoch of its last start.
    """

    name: str
    state: str
    pid: int
    since: int


def _escaped(text: object) -> str:
    return str(text).replace("%", "%%")


def _quoted(text: str) -> str:
    return '"{}"'.format(_escaped(text).replace("\\", "\\\\").replace('"', '\\"'))


def configure(home: Home, programs: Iterable[Program]) -> None:
    """Write supervisord's configuration and the private environment of each program."""
    home.logs.mkdir(parents=True, exist_ok=True)
    home.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.run.mkdir(parents=True, exist_ok=True)
    home.run.chmod(0o700)
    places = {
        "socket": _escaped(home.socket),
        "logs": _escaped(home.logs),
        "run": _escaped(home.run),
        "repository": _escaped(REPOSITORY),
    }
    text = _HEAD.format(**places)
    for program in programs:
        launcher = (str(home.orchestrator), "-m", "include.embedded.launch", program.name, "--")
        text += _PROGRAM.format(
            **places,
            name=program.name,
            command=" ".join(_quoted(word) for word in (*launcher, *program.command)),
            priority=program.priority,
            patience=program.patience,
            stopasgroup="false" if program.parent_first else "true",
        )
        write_private(
            environment_file(home.run, program.name), json.dumps(dict(program.environment))
        )
    write_private(home.run / "supervisord.conf", text)


def start(home: Home) -> None:
    """Start supervisord in the background, in a session of its own.

    Raises:
        InfrastructureError: It did not start.
    """
    home.socket.unlink(missing_ok=True)
    started = subprocess.run(
        [
            str(home.orchestrator),
            "-m",
            "supervisor.supervisord",
            "-c",
            str(home.run / "supervisord.conf"),
        ],
        env=shared(home),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if started.returncode:
        raise InfrastructureError(
            "supervisord did not start",
            value=started.stderr.strip()[-300:],
            remedy=f"Read {home.logs / 'supervisord.log'}",
        )


class Supervisor:
    """The door to a running supervisord."""

    def __init__(self, home: Home) -> None:
        self._url = f"unix://{home.socket}"
        self._log = home.logs / "supervisord.log"

    def _call(self, method: str, *arguments: object) -> object:
        transport = SupervisorTransport(None, None, serverurl=self._url)
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as server:
                return cast("object", getattr(server.supervisor, method)(*arguments))
        except (OSError, HTTPException, Error) as cause:
            raise InfrastructureError(
                "supervisord does not answer", value=method, remedy=f"Read {self._log}"
            ) from cause
        finally:
            transport.close()

    def answers(self) -> bool:
        """Say whether supervisord runs."""
        with suppress(InfrastructureError):
            self._call("getState")
            return True
        return False

    def pid(self) -> int:
        """Return supervisord's own process id."""
        return int(cast("int", self._call("getPID")))

    def programs(self) -> tuple[ProgramStatus, ...]:
        """Return how each program stands.

        Raises:
            InfrastructureError: supervisord does not answer.
        """
        found = cast("list[dict[str, object]]", self._call("getAllProcessInfo"))
        return tuple(
            ProgramStatus(
                name=str(one["name"]),
                state=str(one["statename"]),
                pid=int(cast("int", one["pid"])),
                since=int(cast("int", one["start"])),
            )
            for one in found
        )

    def shut_down(self) -> None:
        """Ask supervisord to stop all programs in order and to end; returns at once."""
        with suppress(InfrastructureError):
            self._call("shutdown")
