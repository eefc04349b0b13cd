"""Who acts in the demo: people with their own log-ins, through Airflow's API and ours."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.client.control_plane import ControlPlane
from include.embedded import credentials
from include.embedded.door import AirflowDoor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.embedded.home import Home
    from include.embedded.ports import Ports


@dataclass(frozen=True)
class Person:
    """One log-in: Airflow's API, and the control plane with the same token."""

    name: str
    airflow: AirflowDoor
    control_plane: ControlPlane


@dataclass(frozen=True)
class People:
    """Those who act: the operator triggers, the approver decides."""

    operator: Person
    approver: Person


@contextmanager
def people(home: Home, ports: Ports) -> Iterator[People]:
    """Give the people their doors, and close them at the end."""
    passwords = credentials.passwords(home)
    with ExitStack() as doors:

        def person(name: str) -> Person:
            airflow = doors.enter_context(AirflowDoor(ports.airflow_url, name, passwords[name]))
            url = f"{ports.airflow_url}/airworthy"
            return Person(name, airflow, doors.enter_context(ControlPlane(url, airflow.token)))

        yield People(person("operator"), person("approver"))
