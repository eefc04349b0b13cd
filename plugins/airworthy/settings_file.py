"""Loads ``airflow_settings.yaml`` (the Astro CLI's layout) into Airflow's database.

``python -m plugins.airworthy.settings_file airflow_settings.yaml``; loading twice changes nothing.
``${NAME}`` is replaced from the environment. An entry that needs a variable which is not set is
left out, and removed when an earlier load had made it: a connection without its secret looks
configured.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from airflow.models.connection import Connection
from airflow.models.pool import Pool
from airflow.models.variable import Variable
from airflow.utils.session import create_session
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from sqlalchemy import delete, select

from include.errors import AirworthyError, BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Entry(BaseModel):
    """Base of every entry: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class ConnectionEntry(Entry):
    """A connection, either by its fields or by ``conn_uri``."""

    conn_id: str = Field(min_length=1)
    conn_type: str = "generic"
    conn_host: str | None = None
    conn_schema: str | None = None
    conn_login: str | None = None
    conn_password: str | None = None
    conn_port: int | None = None
    conn_uri: str | None = None
    conn_extra: JsonValue = None


class PoolEntry(Entry):
    """A pool and its number of slots."""

    pool_name: str = Field(min_length=1)
    pool_slot: int = Field(default=1, ge=0)
    pool_description: str = ""


class VariableEntry(Entry):
    """A variable; a value that is no string is stored as JSON."""

    variable_name: str = Field(min_length=1)
    variable_value: JsonValue = ""


class Sections(Entry):
    """The ``airflow:`` block."""

    connections: tuple[ConnectionEntry, ...] = ()
    pools: tuple[PoolEntry, ...] = ()
    variables: tuple[VariableEntry, ...] = ()


class SettingsFile(Entry):
    """A whole file, and what was left out of it as (connection id, variable that is not set)."""

    airflow: Sections = Sections()
    left_out: tuple[tuple[str, str], ...] = ()


def parse(text: str, environ: Mapping[str, str]) -> SettingsFile:
    """Return the entries of a file with every ``${NAME}`` replaced.

    Raises:
        BadInput: The file is no YAML, or not of the known layout.
    """
    try:
        raw = yaml.safe_load(text) or {}
        left_out: list[tuple[str, str]] = []
        blocks = {
            section: [entry for entry in entries or () if _complete(entry, environ, left_out)]
            for section, entries in (raw.get("airflow") or {}).items()
        }
        found = SettingsFile(airflow=Sections.model_validate(_replaced(blocks, environ)))
    except (yaml.YAMLError, ValidationError, AttributeError, TypeError) as cause:
        raise BadInput(
            "not a settings file",
            value=str(cause)[:500],
            remedy="Compare with airflow_settings.yaml of the repository",
        ) from cause
    return found.model_copy(update={"left_out": tuple(left_out)})


def _complete(
    entry: dict[str, Any], environ: Mapping[str, str], left_out: list[tuple[str, str]]
) -> bool:
    absent = [name for name in _REFERENCE.findall(json.dumps(entry)) if not environ.get(name)]
    if absent:
        name = str(entry.get("conn_id") or entry.get("pool_name") or entry.get("variable_name"))
        left_out.append((name, absent[0]))
    return not absent


def _replaced(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: environ[match[1]], value)
    if isinstance(value, dict):
        return {key: _replaced(inner, environ) for key, inner in value.items()}
    return [_replaced(inner, environ) for inner in value] if isinstance(value, list) else value


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
