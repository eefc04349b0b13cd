"""Reading ``airflow_settings.yaml`` (the Astro CLI's layout): connections, pools and variables.

``${NAME}`` is replaced from the environment, so that no secret stands in the file; an entry that
needs a variable which is not set is left out, and named.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

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
