"""Up, down and status of the suite on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from include.embedded import credentials, health, ports, preparation, processes, supervision
from include.embedded.door import AirflowDoor
from include.embedded.programs import programs
from include.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.embedded.home import Home

ORDERLY_SECONDS = 22


@dataclass(frozen=True)
class Readiness:
    """How long a part took to become ready, in seconds since the one before it was."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Overview:
    """How the suite stands.

    Attributes:
        supervised: Each program as supervisord sees it; empty when nothing runs.
        stray: Processes of ours that nobody supervises any more.
        memory: Proportional set size of all of them, bytes.
        processes: Their number.
    """

    supervised: tuple[supervision.ProgramStatus, ...]
    stray: int
    memory: int
    processes: int


def up(home: Home, say: Callable[[str], None]) -> tuple[Readiness, ...]:
    """Start what does not run yet, and return when every part is ready.

    Raises:
        Conflict: Somebody else listens on one of our ports.
        NotReady: A part did not become ready in time; what runs is left for inspection.
    """
    supervisor = supervision.Supervisor(home)
    if supervisor.answers():
        say("the suite is running already")
    else:
        _start(home, say)
    return _await_all(home, supervisor, say)


def _start(home: Home, say: Callable[[str], None]) -> None:
    left = processes.sweep(home.instance, grace=3)
    if left:
        say(f"ended {left} process(es) that an earlier start left behind")
    _refuse_taken_ports()
    credentials.ensure(home)
    preparation.load_airflow_settings(home, say)
    supervision.configure(home, programs(home))
    supervision.start(home)


def _refuse_taken_ports() -> None:
    for variable, number in ports.read().variables:
        if not ports.is_free(number):
            who = processes.holder(number) or "a process of another user"
            raise Conflict(
                f"port {number} is taken by {who}",
                remedy=f"Stop it, or choose another port: {variable}=<number>",
            )


def _await_all(
    home: Home, supervisor: supervision.Supervisor, say: Callable[[str], None]
) -> tuple[Readiness, ...]:
    listen, password = ports.read(), credentials.passwords(home)["admin"]
    took = []
    with AirflowDoor(listen.airflow_url, "admin", password) as door:
        for condition in health.conditions(home, listen, door):
            seconds = health.await_condition(condition, partial(health.gave_up, supervisor))
            took.append(Readiness(condition.name, seconds))
            say(f"{condition.name} ready ({seconds:.1f} s)")
    return tuple(took)


def down(home: Home, say: Callable[[str], None]) -> int:
    """Stop the suite in order, end what still carries its marker, return the number of those."""
    supervisor = supervision.Supervisor(home)
    if supervisor.answers():
        pid = supervisor.pid()
        supervisor.shut_down()
        # Its door closes first, while it still stops the programs one after another.
        processes.await_end(pid, ORDERLY_SECONDS)
    ended = processes.sweep(home.instance, grace=3)
    if ended:
        say(f"ended {ended} process(es) that nobody supervised")
    home.socket.unlink(missing_ok=True)
    return ended


def status(home: Home) -> Overview:
    """Return how the suite stands."""
    supervisor = supervision.Supervisor(home)
    supervised = supervisor.programs() if supervisor.answers() else ()
    memory, count = processes.memory(home.instance)
    return Overview(supervised, 0 if supervised else count, memory, count)
