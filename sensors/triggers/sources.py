"""Where a trigger looks: the control plane and the serving driver, opened when first asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowException

from include.errors import BadInput, ControlPlaneUnavailable, ServingUnavailable
from operators.hooks.airworthy import AirworthyHook
from operators.hooks.serving import ServingHook

if TYPE_CHECKING:
    from include.client.asynchronous import AsyncControlPlane
    from include.client.messages.base import RunRef
    from include.serving.endpoint import ServingDriver

OUTAGES = (ServingUnavailable, ControlPlaneUnavailable, BadInput, AirflowException)
"""What is waited out: nobody answers, or a connection cannot be read just now."""


class Sources:
    """The clients of one trigger; their secrets are read here and stored nowhere.

    Args:
        run: The try that waits.
    """

    def __init__(self, run: RunRef) -> None:
        self._run = run
        self._control_plane: AsyncControlPlane | None = None
        self._driver: ServingDriver | None = None

    async def control_plane(self) -> AsyncControlPlane:
        """Return the client of the control plane."""
        self._control_plane = self._control_plane or await AirworthyHook().watcher(self._run)
        return self._control_plane

    async def driver(self) -> ServingDriver:
        """Return the serving driver."""
        self._driver = self._driver or await ServingHook().async_driver()
        return self._driver

    async def close(self) -> None:
        """Close what was opened."""
        if self._control_plane is not None:
            await self._control_plane.close()
