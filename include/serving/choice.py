"""Which variant answers a request, and who gets a copy: exact turns, or always the same by unit."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALE = 1 << 64
_PERCENT = 100


@dataclass(frozen=True)
class Share:
    """A variant that can answer, with its percent: of the requests, or of copies of them."""

    name: str
    weight: int


@dataclass
class Turns:
    """Smooth weighted round-robin, as in nginx: of 100 requests each gets exactly its percent."""

    _credit: dict[str, int] = field(default_factory=dict)

    def take(self, shares: Sequence[Share]) -> str:
        """Return whose turn it is; ``shares`` holds at least one positive weight."""
        credit = self._credit
        best, total = "", 0
        for share in shares:
            total += share.weight
            credit[share.name] = credit.get(share.name, 0) + share.weight
            if share.weight and (not best or credit[share.name] > credit[best]):
                best = share.name
        credit[best] -= total
        return best

    def restart(self) -> None:
        """Forget past turns: the weights changed."""
        self._credit.clear()


@dataclass
class Samples:
    """Systematic samples: of 100 requests each shadow gets copies of exactly its percent."""

    _credit: dict[str, int] = field(default_factory=dict)

    def take(self, shares: Sequence[Share]) -> tuple[str, ...]:
        """Return who gets a copy of the next request: nobody, some or all of ``shares``."""
        chosen = []
        for share in shares:
            credit = self._credit.get(share.name, 0) + share.weight
            if credit >= _PERCENT:
                credit -= _PERCENT
                chosen.append(share.name)
            self._credit[share.name] = credit
        return tuple(chosen)

    def restart(self) -> None:
        """Forget past requests: the percentages changed."""
        self._credit.clear()


def sampled(endpoint: str, unit: str, shares: Sequence[Share]) -> tuple[str, ...]:
    """Return who gets copies of a unit's requests: as long as a percentage only grows, for good.

    The hash is not that of `sticky`: who answers a unit says nothing about its being copied.
    """
    return tuple(
        share.name
        for share in shares
        if _number(f"mirror\0{endpoint}\0{share.name}\0{unit}") * _PERCENT < share.weight * _SCALE
    )


def sticky(endpoint: str, unit: str, shares: Sequence[Share]) -> str:
    """Return the variant of a unit; ``shares`` holds at least one positive weight.

    Weighted rendezvous hashing (Schindelhauer and Schomaker 2005, score ``-w / ln u``) over
    SHA-256: shares are met exactly in expectation, and when weights move, a unit moves only
    because its variant shrinks or another one grows: of two, from the first to the second.
    """
    scored = [
        (_score(f"{endpoint}\0{share.name}\0{unit}", share.weight), share.name)
        for share in shares
        if share.weight
    ]
    return max(scored)[1]


def _score(key: str, weight: int) -> float:
    return -weight / math.log((_number(key) + 0.5) / _SCALE)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
