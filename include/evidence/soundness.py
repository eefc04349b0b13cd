"""Whether counts can be true at all; what cannot is a broken measurement, and no evidence."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from include.evidence.tally import LATENCY_BOUNDS, Pairing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.evidence.tally import Evidence, Losses, Moments, Tally

_ROUNDING = 1e-6


def fault(evidence: Evidence) -> str:
    """Return what cannot be true of the evidence, in words; empty where everything can."""
    return next(_faults(evidence), "")


def _faults(evidence: Evidence) -> Iterator[str]:
    if not (isfinite(evidence.seconds) and evidence.seconds >= 0):
        yield f"the phase was watched for {evidence.seconds} s"
    counted: tuple[Tally | Pairing, ...] = (*evidence.tallies, *evidence.pairings)
    for one in counted:
        yield from (f"{one.version}: {what}" for what in _of_one(one))


def _of_one(one: Tally | Pairing) -> Iterator[str]:
    yield from _of_counts(one)
    yield from _of_histograms(one)
    losses = one.differences if isinstance(one, Pairing) else one.losses
    yield from _of_losses(losses, signed=isinstance(one, Pairing))


def _of_counts(one: Tally | Pairing) -> Iterator[str]:
    counts: tuple[int, ...]
    if isinstance(one, Pairing):
        counts = (one.pairs, one.errors, one.visible_errors, one.classes_differ, one.dropped)
        asked, kind = one.pairs, "pairs"
    else:
        counts = (one.requests, one.errors, one.refused)
        asked, kind = one.requests, "requests"
    if not _are_counts(counts):
        yield "a count is below zero or no number"
    if one.errors > asked:
        yield f"{one.errors} errors of {asked} {kind}"
    if isinstance(one, Pairing) and _compared(one) > one.pairs - one.errors:
        yield "more pairs were compared than were answered"


def _are_counts(counts: tuple[int, ...]) -> bool:
    """Say whether all are finite and none is below zero; a sum hides neither NaN nor infinity."""
    return not counts or (isfinite(sum(counts)) and min(counts) >= 0)


def _compared(pairing: Pairing) -> int:
    return max(pairing.classes_differ, sum(pairing.gaps))


def _of_histograms(one: Tally | Pairing) -> Iterator[str]:
    if len(one.latency) not in {0, len(LATENCY_BOUNDS) + 1}:
        yield f"a latency histogram of {len(one.latency)} bins"
    gaps = one.gaps if isinstance(one, Pairing) else ()
    counts = (*one.latency, *gaps, *(count for _, count in one.outputs))
    if not _are_counts(counts):
        yield "a bin is below zero or no number"
    answered = (one.pairs if isinstance(one, Pairing) else one.requests) - one.errors
    if sum(one.latency) > answered:
        yield f"{sum(one.latency)} timed answers of {answered}"


def _of_losses(losses: Losses, *, signed: bool) -> Iterator[str]:
    for kind in ("error", "squared", "absolute"):
        moments: Moments = getattr(losses, kind)
        if not _can_be(moments, signed=signed):
            yield f"the {kind} losses cannot be: {moments}"


def _can_be(moments: Moments, *, signed: bool) -> bool:
    """Check numbers, signs, and that no mean of squares lies below the square of the mean."""
    if not all(isfinite(part) for part in (moments.count, moments.total, moments.squares)):
        return False
    if moments.count < 0 or moments.squares < 0 or (moments.total < 0 and not signed):
        return False
    if not moments.count:
        return moments.total == 0 and moments.squares == 0
    square = moments.mean**2
    return moments.squares / moments.count >= square - _ROUNDING * max(1.0, square)
