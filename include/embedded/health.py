"""What "up" means: each part answers, and every DAG is parsed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from include.embedded.home import REPOSITORY
from include.embedded.supervision import Supervisor
from include.errors import AirworthyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.embedded.door import AirflowDoor
    from include.embedded.home import Home
    from include.embedded.ports import Ports

_PAUSE = 0.5


@dataclass(frozen=True)
class Condition:
    """One thing that must be so before the suite counts as up.

    Attributes:
        name: What is waited for, as people call it.
        unmet: Returns why it is not so yet, or an empty string when it is.
        log: Log that explains a failure.
        deadline: Seconds after which waiting is given up.
    """

    name: str
    unmet: Callable[[], str]
    log: str
    deadline: float


class NotReady(AirworthyError):
    """A part did not become ready in time."""


def conditions(home: Home, ports: Ports, door: AirflowDoor) -> tuple[Condition, ...]:
    """Return what must hold, in the order in which it comes true."""
    supervisor, logs = Supervisor(home), home.logs
    control_plane = f"{ports.airflow_url}/airworthy/api/v1/whoami"
    answering = (
        ("API server", f"{ports.airflow_url}/api/v2/version", HTTPStatus.OK, "api-server", 180),
        # Where nothing is mounted Airflow's own pages answer 200 to any path: only the control
        # plane's refusal of a caller without log-in proves that it is there.
        ("control plane", control_plane, HTTPStatus.UNAUTHORIZED, "api-server", 30),
        ("serving", f"{ports.router_url}/v2/health/ready", HTTPStatus.OK, "serving", 60),
    )
    return (
        *(
            Condition(name, partial(_silent, url, fine), f"{logs}/{program}.log", deadline)
            for name, url, fine, program, deadline in answering
        ),
        *(
            Condition(
                program.replace("-", " "),
                partial(_lifeless, door, supervisor, program.replace("-", "_")),
                f"{logs}/{program}.log",
                120,
            )
            for program in ("scheduler", "dag-processor", "triggerer")
        ),
        Condition(
            "DAGs", lambda: door.dags_missing(expected_dags()), f"{logs}/dag-processor.log", 90
        ),
        Condition("programs", partial(_stumbling, supervisor), f"{logs}/supervisord.log", 60),
    )


def gave_up(supervisor: Supervisor) -> str:
    """Return why waiting is in vain (a program failed again and again), or an empty string."""
    given_up = [one.name for one in supervisor.programs() if one.state == "FATAL"]
    return f"{', '.join(given_up)} failed too often" if given_up else ""


def expected_dags() -> frozenset[str]:
    """Return the ids of the DAGs that the compiled specs ask for."""
    models = [path.stem for path in (REPOSITORY / "dags" / "compiled").glob("*.json")]
    return frozenset(f"{model}_{stage}" for model in models for stage in ("train", "release"))


def _stumbling(supervisor: Supervisor) -> str:
    waiting = [
        f"{one.name} is {one.state}" for one in supervisor.programs() if one.state != "RUNNING"
    ]
    return ", ".join(waiting)


def _lifeless(door: AirflowDoor, supervisor: Supervisor, part: str) -> str:
    # A heartbeat from before the first start belongs to an earlier life of the suite.
    starts = [one.since for one in supervisor.programs() if one.since]
    return door.heartbeat_missing(part, datetime.fromtimestamp(min(starts, default=0), UTC))


def _silent(url: str, *fine: int) -> str:
    try:
        answer = httpx.get(url, timeout=5)
    except httpx.HTTPError as cause:
        return f"{url}: {type(cause).__name__}"
    return "" if answer.status_code in fine else f"{url} answers {answer.status_code}"


def await_condition(condition: Condition, still_alive: Callable[[], str]) -> float:
    """Wait until a condition holds and return the seconds it took.

    Args:
        condition: What to wait for.
        still_alive: Returns why waiting is in vain, or an empty string.

    Raises:
        NotReady: The deadline passed, or waiting is in vain.
    """
    began = time.monotonic()
    while why := condition.unmet():
        vain = still_alive()
        if vain or time.monotonic() - began > condition.deadline:
            raise NotReady(
                f"{condition.name} not ready after {time.monotonic() - began:.0f} s: {vain or why}",
                remedy=f"Read {condition.log}",
            )
        time.sleep(_PAUSE)
    return time.monotonic() - began
