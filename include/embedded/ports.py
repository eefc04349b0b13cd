"""Where the parts listen, and who sits on a port that is taken."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "127.0.0.1"
_HIGHEST = 65535


@dataclass(frozen=True)
class Ports:
    """The three ports of the suite, all on 127.0.0.1."""

    airflow: int
    router: int
    serving: int

    @property
    def variables(self) -> tuple[tuple[str, int], ...]:
        """Each port with the variable that moves it."""
        return (
            ("AIRWORTHY_PORT", self.airflow),
            ("AIRWORTHY_ROUTER_PORT", self.router),
            ("AIRWORTHY_SERVING_PORT", self.serving),
        )

    @property
    def airflow_url(self) -> str:
        """Address of Airflow's API server."""
        return f"http://{HOST}:{self.airflow}"

    @property
    def router_url(self) -> str:
        """Address that prediction requests go to."""
        return f"http://{HOST}:{self.router}"

    @property
    def serving_url(self) -> str:
        """Address of the serving daemon's admin API."""
        return f"http://{HOST}:{self.serving}"


def _port(env: Mapping[str, str], variable: str, default: int) -> int:
    text = env.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST:
        raise BadInput(
            "not a port", where=variable, value=text, remedy=f"Give a number from 1 to {_HIGHEST}"
        )
    return int(text)


def read(environ: Mapping[str, str] | None = None) -> Ports:
    """Return the ports that the environment names.

    Raises:
        BadInput: A variable holds no port number, or two hold the same one.
    """
    env = os.environ if environ is None else environ
    ports = Ports(
        airflow=_port(env, "AIRWORTHY_PORT", 8080),
        router=_port(env, "AIRWORTHY_ROUTER_PORT", 8090),
        serving=_port(env, "AIRWORTHY_SERVING_PORT", 8091),
    )
    numbers = [number for _, number in ports.variables]
    if len(set(numbers)) < len(numbers):
        raise BadInput("two parts share a port", value=numbers, remedy="Give each its own")
    return ports


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refused:
            if refused.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True
