"""Airflow connection ``airworthy`` to the typed client of the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from include.client.asynchronous import AsyncControlPlane
from include.client.control_plane import ControlPlane
from include.client.workload import WorkloadTokens
from include.errors import BadInput

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from include.client.messages.base import RunRef


class AirworthyHook(BaseHook):
    """Opens the control plane as one try of one task.

    Args:
        airworthy_conn_id: Connection with the address as host, the workload secret as password.
    """

    conn_name_attr = "airworthy_conn_id"
    default_conn_name = "airworthy"
    conn_type = "airworthy"
    hook_name = "Airworthy control plane"

    def __init__(self, airworthy_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.airworthy_conn_id = airworthy_conn_id

    def control_plane(self, run: RunRef) -> ControlPlane:
        """Return a client that speaks as ``run``.

        Raises:
            BadInput: the connection has no address.
        """
        return connected(self.get_connection(self.airworthy_conn_id), run)

    async def watcher(self, run: RunRef) -> AsyncControlPlane:
        """Return the client for triggers; the secret stays in this process.

        Raises:
            BadInput: the connection has no address.
        """
        connection = await self.aget_connection(self.airworthy_conn_id)
        url = address(connection)
        return AsyncControlPlane(url, WorkloadTokens(url, connection.password or "", run))


def connected(connection: Connection, run: RunRef) -> ControlPlane:
    """Return the client for a connection that is already at hand."""
    url = address(connection)
    return ControlPlane(url, WorkloadTokens(url, connection.password or "", run))


def address(connection: Connection) -> str:
    """Return the address that a connection holds, with its scheme.

    Raises:
        BadInput: it holds none.
    """
    host = str(connection.host or "").rstrip("/")
    if not host:
        raise BadInput(
            "the connection has no host",
            where=f"connection {connection.conn_id}",
            remedy="Set the host to the whole address, for example http://127.0.0.1:8080/airworthy",
        )
    # Airflow cuts the scheme off a connection that was given as a URI.
    if "://" in host:
        return host
    scheme = connection.schema if connection.schema in {"http", "https"} else "http"
    port = f":{connection.port}" if connection.port else ""
    return f"{scheme}://{host}{port}"
