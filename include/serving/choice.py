"""Which variant answers a request: exact turns, or the same variant for the same unit."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALE = 1 << 64


@dataclass(frozen=True)
class Share:
    """A variant that can answer, with its weight."""

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


def sticky(endpoint: str, unit: str, shares: Sequence[Share]) -> str:
    """Return the variant of a unit; ``shares`` holds at least one positive weight.

    Weighted rendezvous hashing (Schindelhauer and Schomaker 2005, score ``-w / ln u``) over
    SHA-256: shares are met exactly in expectation, and when weights move, a unit changes only from
    a variant that shrinks to one that grows.
    """
    scored = [
        (_score(f"{endpoint}\0{share.name}\0{unit}", share.weight), share.name)
        for share in shares
        if share.weight
    ]
    return max(scored)[1]


def _score(key: str, weight: int) -> float:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return -weight / math.log((number + 0.5) / _SCALE)
