"""A person's way from the command line to the control plane."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.client.control_plane import ControlPlane
from include.embedded import credentials, ports
from include.embedded.door import AirflowDoor
from include.embedded.home import home
from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "AIRWORTHY_TOKEN"  # noqa: S105 - the name of a variable


@contextmanager
def logged_in(user: str, url: str = "") -> Iterator[ControlPlane]:
    """Give the control plane to a person of this machine's suite, or to the token's owner.

    Args:
        user: Log-in of the suite on this machine; not used where `AIRWORTHY_TOKEN` is set.
        url: Address of the control plane; the suite's own where it is empty.

    Raises:
        BadInput: There is no such log-in.
    """
    airflow_url = ports.read().airflow_url
    address = url or f"{airflow_url}/airworthy"
    token = os.environ.get(TOKEN, "")
    if token:
        with ControlPlane(address, lambda: token) as plane:
            yield plane
        return
    known = credentials.passwords(home())
    if user not in known:
        people = ", ".join(name for name, _ in credentials.PEOPLE)
        raise BadInput("no such log-in", where="--as", value=user, remedy=f"One of: {people}")
    with (
        AirflowDoor(airflow_url, user, known[user]) as door,
        ControlPlane(address, door.token) as plane,
    ):
        yield plane
