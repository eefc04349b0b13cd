"""Quantities as Kubernetes writes them itself, so that what comes back is what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.spec.serving import Serving

_BINARY = ("Ki", "Mi", "Gi", "Ti")


def cpu(quantity: str) -> str:
    """Return an amount of CPU in its shortest form: ``1`` for ``1000m``."""
    if not quantity.endswith("m"):
        return quantity
    millis = int(quantity[:-1])
    return f"{millis}m" if millis % 1000 else str(millis // 1000)


def memory(quantity: str) -> str:
    """Return an amount of memory with the largest unit of which it is a multiple."""
    number, unit = int(quantity[:-2]), quantity[-2:]
    while number % 1024 == 0 and unit != _BINARY[-1]:
        number, unit = number // 1024, _BINARY[_BINARY.index(unit) + 1]
    return f"{number}{unit}"


def resources_of(sizing: Serving) -> dict[str, dict[str, str]]:
    """Return requests and limits of a model server."""
    return {
        "limits": {"cpu": cpu(sizing.cpu_limit), "memory": memory(sizing.memory_limit)},
        "requests": {"cpu": cpu(sizing.cpu), "memory": memory(sizing.memory)},
    }
