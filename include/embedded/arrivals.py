"""Puts the demo's batches of data into the landing zone, in the environment that has the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.embedded import environment, preparation

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.embedded.home import Home


def bring(home: Home, say: Callable[[str], None]) -> None:
    """Make the batches arrive; those that are there already are left alone.

    Raises:
        InfrastructureError: The command failed; its output is in ``logs/``.
    """
    command = (str(home.orchestrator.with_name("airworthy")), "arrivals")
    preparation.run(command, environment.shared(home), home.logs / "arrivals.log")
    say("data has arrived")
