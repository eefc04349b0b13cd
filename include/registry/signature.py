"""What a model takes and gives, and which changes of it callers survive."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from typing import cast


class Change(IntEnum):
    """How far two signatures are apart, for somebody who calls the model."""

    NONE = 0
    COMPATIBLE = 1
    INCOMPATIBLE = 2


@dataclass(frozen=True)
class Port:
    """One input or output column."""

    name: str
    type: str
    is_required: bool


@dataclass(frozen=True)
class Signature:
    """The columns of a model; inputs are taken by name, outputs in order."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def parse(text: str) -> Signature | None:
    """Return the signature of a JSON document with ``inputs`` and ``outputs``, else ``None``.

    Each is a list of ``{"name", "type", "required"}`` (``required`` is true where it is absent), or
    that list as a JSON string, as MLflow writes it.
    """
    try:
        document = json.loads(text)
        return Signature(_ports(document["inputs"]), _ports(document["outputs"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def change(before: str, after: str) -> Change:
    """Return how far two signatures are apart.

    Compatible: a new optional input, or an input that became optional. Incompatible: an input
    removed, retyped, newly required, any change of the outputs, or texts that cannot be read.
    """
    if before == after:
        return Change.NONE
    old, new = parse(before), parse(after)
    if old is None or new is None or old.outputs != new.outputs:
        return Change.INCOMPATIBLE
    was, now = _by_name(old.inputs), _by_name(new.inputs)
    if any(name not in now for name in was):
        return Change.INCOMPATIBLE
    if any(_breaks(was.get(name), port) for name, port in now.items()):
        return Change.INCOMPATIBLE
    return Change.NONE if was == now else Change.COMPATIBLE


def _breaks(before: Port | None, after: Port) -> bool:
    if before is None:
        return after.is_required
    return before.type != after.type or (after.is_required and not before.is_required)


def _by_name(ports: tuple[Port, ...]) -> dict[str, Port]:
    return {port.name: port for port in ports}


def _ports(columns: object) -> tuple[Port, ...]:
    listed = json.loads(columns) if isinstance(columns, str) else columns
    found = [
        _port(position, column)
        for position, column in enumerate(cast("list[dict[str, object]]", listed))
    ]
    if len({port.name for port in found}) != len(found):
        raise ValueError("two columns of one name")
    return tuple(found)


def _port(position: int, column: dict[str, object]) -> Port:
    shape = {key: value for key, value in column.items() if key not in {"name", "required"}}
    return Port(
        name=str(column.get("name", position)),
        type=json.dumps(shape, sort_keys=True),
        is_required=bool(column.get("required", True)),
    )
