"""Writes ``airflow_settings.yaml`` (the Astro CLI's layout) into Airflow's database.

``python -m plugins.airworthy.settings_file airflow_settings.yaml``; loading twice changes nothing.
An entry that was left out because its variable is not set is removed when an earlier load had made
it: a connection without its secret looks configured.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.models.connection import Connection
from airflow.models.pool import Pool
from airflow.models.variable import Variable
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from include.embedded.airflow_settings import parse
from include.errors import AirworthyError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from include.embedded.airflow_settings import ConnectionEntry, SettingsFile


def load(file: SettingsFile) -> None:
    """Write the entries into Airflow's database, in one transaction."""
    absent = [name for name, _ in file.left_out]
    with create_session() as session:
        session.execute(delete(Connection).where(Connection.conn_id.in_(absent)))
        for connection in file.airflow.connections:
            _write_connection(connection, session)
        for pool in file.airflow.pools:
            Pool.create_or_update_pool(
                name=pool.pool_name,
                slots=pool.pool_slot,
                description=pool.pool_description,
                include_deferred=False,
                session=session,
            )
        for variable in file.airflow.variables:
            value = variable.variable_value
            as_json = not isinstance(value, str)
            Variable.set(variable.variable_name, value, serialize_json=as_json, session=session)


def _write_connection(entry: ConnectionEntry, session: Session) -> None:
    row = session.scalar(select(Connection).where(Connection.conn_id == entry.conn_id))
    if row is None:
        row = Connection(conn_id=entry.conn_id)
        session.add(row)
    source = _as_connection(entry)
    for column in ("conn_type", "host", "schema", "login", "port"):
        setattr(row, column, getattr(source, column))
    row.set_password(source.password)
    row.set_extra(source.extra)


def _as_connection(entry: ConnectionEntry) -> Connection:
    if entry.conn_uri:
        return Connection(conn_id=entry.conn_id, uri=entry.conn_uri)
    extra = entry.conn_extra
    return Connection(
        conn_id=entry.conn_id,
        conn_type=entry.conn_type,
        host=entry.conn_host,
        schema=entry.conn_schema,
        login=entry.conn_login,
        password=entry.conn_password,
        port=entry.conn_port,
        extra=extra if extra is None or isinstance(extra, str) else json.dumps(extra),
    )


def main(arguments: list[str]) -> int:
    """Load the file named on the command line and say what was left out."""
    try:
        path = Path(arguments[0])
        file = parse(path.read_text(encoding="utf-8"), os.environ)
    except (AirworthyError, OSError, IndexError) as cause:
        sys.stderr.write(f"{cause}\n")
        return 1
    load(file)
    for name, variable in file.left_out:
        sys.stdout.write(f"{path.name}: {name} left out, {variable} is not set\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
