"""Airflow connection ``airworthy_serving`` to the driver that brings endpoints to a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from include.errors import BadInput
from operators.hooks.airworthy import address

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from include.client.messages.rollouts import Rollout
    from include.serving.endpoint import ServingDriver


class ServingHook(BaseHook):
    """Opens the serving driver of the installation.

    Args:
        serving_conn_id: Connection with the admin address as host and its token as password, or
            with an extra that names another driver.
    """

    conn_name_attr = "serving_conn_id"
    default_conn_name = "airworthy_serving"
    conn_type = "airworthy_serving"
    hook_name = "Airworthy serving"

    def __init__(self, serving_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.serving_conn_id = serving_conn_id

    def driver(self) -> ServingDriver:
        """Return the driver.

        Raises:
            BadInput: the connection has no address.
        """
        return connected(self.get_connection(self.serving_conn_id))

    async def async_driver(self) -> ServingDriver:
        """Return the driver for a trigger, whose process must not block.

        Raises:
            BadInput: the connection has no address.
        """
        return connected(await self.aget_connection(self.serving_conn_id))

    def check_metrics(self, rollout: Rollout) -> None:
        """Let pass a rollout whose stages can be judged; a router of ours always can.

        Raises:
            BadInput: the metrics that the connection names cannot judge its plan.
            MetricsUnavailable: they cannot be looked at just now.
        """
        connection = self.get_connection(self.serving_conn_id)
        if connection.extra_dejson.get("driver", "local") == "kserve":
            from operators.hooks import kserve  # noqa: PLC0415

            kserve.check_metrics(connection, rollout)


def connected(connection: Connection) -> ServingDriver:
    """Return the driver for a connection that is already at hand.

    Raises:
        BadInput: it describes no driver.
    """
    # What the drivers need would cost every parse of a DAG file 15 ms.
    named = connection.extra_dejson.get("driver", "local")
    if named == "kserve":
        from operators.hooks import kserve  # noqa: PLC0415

        return kserve.connected(connection)
    if named != "local":
        raise BadInput(
            "no such serving driver",
            where=f"extra of connection {connection.conn_id}",
            value=named,
            remedy='Give {"driver": "local"} or {"driver": "kserve", ...}',
        )
    from include.serving.local_driver import LocalDriver  # noqa: PLC0415

    return LocalDriver(address(connection), connection.password or "")
