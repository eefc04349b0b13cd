"""Airflow connection ``airworthy_serving`` to the driver that brings endpoints to a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from operators.hooks.airworthy import address

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from include.serving.local_driver import LocalDriver


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
        return connected(self.get_connection(self.serving_conn_id))

    async def async_driver(self) -> LocalDriver:
        """Return the driver for a trigger, whose process must not block.

        Raises:
            BadInput: the connection has no address.
        """
        return connected(await self.aget_connection(self.serving_conn_id))


def connected(connection: Connection) -> LocalDriver:
    """Return the driver for a connection that is already at hand."""
    # Its documents would cost every parse of a DAG file 15 ms.
    from include.serving.local_driver import LocalDriver  # noqa: PLC0415

    return LocalDriver(address(connection), connection.password or "")
