"""Airflow connection ``airworthy_serving`` to the driver that brings endpoints to a state."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseHook

from include.serving.local_driver import LocalDriver
from operators.hooks.airworthy import address


class ServingHook(BaseHook):
    """Opens the serving driver of the installation.

    Args:
        serving_conn_id: Connection with the admin address as host and its token as password.
    """

    conn_name_attr = "serving_conn_id"
    default_conn_name = "airworthy_serving"
    conn_type = "airworthy_serving"
    hook_name = "Airworthy serving"

    def __init__(self, serving_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.serving_conn_id = serving_conn_id

    def driver(self) -> LocalDriver:
        """Return the driver.

        Raises:
            BadInput: the connection has no address.
        """
        connection = self.get_connection(self.serving_conn_id)
        return LocalDriver(address(connection), connection.password or "")

    async def async_driver(self) -> LocalDriver:
        """Return the driver for a trigger, whose process must not block.

        Raises:
            BadInput: the connection has no address.
        """
        connection = await self.aget_connection(self.serving_conn_id)
        return LocalDriver(address(connection), connection.password or "")
