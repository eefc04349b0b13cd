"""How often a shadow and the version that callers saw disagree about the same request."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Literal

from include.evidence.shares import Share

if TYPE_CHECKING:
    from include.evidence.tally import Pairing

GAP_STEP = 0.05
_LAST = 19


def disagreeing(
    pairing: Pairing, task: Literal["classification", "regression"], tolerance: float
) -> Share:
    """Return the share of answered pairs that disagree.

    Classes disagree where they differ; numbers where their relative difference reaches
    ``tolerance``, rounded up to the next of the pairing's bins, the last one at most.
    """
    if task == "classification":
        return Share(pairing.classes_differ, pairing.pairs - pairing.errors)
    first = min(_LAST, ceil(round(tolerance / GAP_STEP, 6)))
    return Share(sum(pairing.gaps[first:]), sum(pairing.gaps))
