"""What an observation says about one variant in one line: its own state, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.serving.endpoint import Variant


@dataclass(frozen=True)
class Standing:
    """A wanted variant, and whether somebody answers under its name now."""

    variant: Variant
    able: bool
    message: str


def remark(one: Standing, everybody: Sequence[Standing]) -> str:
    """Return the line for a variant; empty where it does what is wanted of it, and only that."""
    told = one.message
    if one.variant.weight:
        others = [other for other in everybody if other is not one and other.variant.weight]
        told = _joined(told, _traffic(one, others))
    elif one.variant.mirror and not one.able:
        told = _joined(told, "nothing is mirrored to it meanwhile")
    return told


def _traffic(one: Standing, others: Sequence[Standing]) -> str:
    able = ", ".join(other.variant.name for other in others if other.able)
    missing = ", ".join(other.variant.name for other in others if not other.able)
    if one.able:
        return f"answers for {missing} too" if missing else ""
    return f"{able} answers for it" if able else "requests are refused: nobody else has a weight"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
