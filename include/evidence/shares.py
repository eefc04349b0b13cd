"""Shares of answers: how many are slow, and whether one share exceeds another by too much."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p
from typing import TYPE_CHECKING

from include.evidence.beta import log_beta
from include.evidence.tally import latency_bin

if TYPE_CHECKING:
    from collections.abc import Sequence

_JEFFREYS = 0.5
_STEPS, _CLOSE = 100, 1e-12
_SMALLEST = 1e-300


@dataclass(frozen=True)
class Share:
    """Hits among a total number."""

    hits: int
    total: int

    @property
    def others(self) -> int:
        """Those of the total that are no hits."""
        return self.total - self.hits

    @property
    def value(self) -> float:
        """The share; 0 where the total is 0, so ask that first."""
        return self.hits / self.total if self.total else 0.0


def slow(latency: Sequence[int], limit_ms: float) -> Share:
    """Return the share of answers above a limit.

    The limit counts as the next bound of `LATENCY_BOUNDS`, at most 10 % above it.
    """
    return Share(sum(latency[latency_bin(limit_ms) + 1 :]), sum(latency))


def log_excess_evidence(candidate: Share, stable: Share, margin: float) -> float:
    """Return the logarithm of the evidence that a share exceeds another by more than ``margin``.

    The likelihood of both counts, mixed over both shares (Jeffreys' prior), over the largest one
    that shares within the margin can give them. The denominator is at least the true likelihood
    where there is no harm, so that the ratio ever reaches 1/alpha with a probability of at most
    alpha, however often one looks (universal inference: Wasserman, Ramdas & Balakrishnan 2020).
    """
    if not (candidate.total and stable.total) or candidate.value - stable.value <= margin:
        return 0.0
    at = likeliest_at_margin(candidate, stable, margin)
    within = _log_likelihood(stable, at) + _log_likelihood(candidate, at + margin)
    return max(0.0, _log_mixed(candidate) + _log_mixed(stable) - within)


def likeliest_at_margin(candidate: Share, stable: Share, margin: float) -> float:
    """Return the likeliest share of stable if the candidate's is larger by exactly ``margin``.

    The likelihood is concave there; its top lies between what each of both says alone, and
    Newton's steps find it, halved where they leave that interval.
    """
    ends = sorted((stable.value, candidate.value - margin))
    low, high = (min(max(end, 0.0), 1 - margin) for end in ends)
    at = (low + high) / 2
    for _ in range(_STEPS):
        slope = _slope(stable, at) + _slope(candidate, at + margin)
        low, high = (at, high) if slope > 0 else (low, at)
        there = at + slope / (_bend(stable, at) + _bend(candidate, at + margin))
        before, at = at, there if low < there < high else (low + high) / 2
        if abs(at - before) <= _CLOSE * at:
            break
    return at


def _log_mixed(share: Share) -> float:
    mixed = log_beta(share.hits + _JEFFREYS, share.others + _JEFFREYS)
    return mixed - log_beta(_JEFFREYS, _JEFFREYS)


def _slope(share: Share, at: float) -> float:
    rising = share.hits / max(at, _SMALLEST) if share.hits else 0.0
    return rising - (share.others / max(1 - at, _SMALLEST) if share.others else 0.0)


def _bend(share: Share, at: float) -> float:
    """Return how fast the slope falls; infinite at an end, where its square would be zero."""
    hit, other = max(at, _SMALLEST), max(1 - at, _SMALLEST)
    rising = share.hits / hit / hit if share.hits else 0.0
    return rising + (share.others / other / other if share.others else 0.0)


def _log_likelihood(share: Share, at: float) -> float:
    rising = share.hits * log(at) if share.hits else 0.0
    return rising + (share.others * log1p(-at) if share.others else 0.0)
