"""Counts of what each variant of an endpoint did in one phase of it.

A phase is a revision of the endpoint: with the weights the revision changes, so that counts of
different splits are never pooled. Whoever routes the requests keeps the counts; a drop in them
means that they were lost, never that they went down.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from math import asinh

# Upper bounds of the latency histogram in milliseconds, 10 % apart: 1 ms to about 10 s, and above.
LATENCY_BOUNDS = tuple(round(1.1**power, 3) for power in range(97))
# Predictions are counted by asinh(value), in steps of 0.02 for probabilities and counts alike.
OUTPUT_STEP, OUTPUT_REACH = 0.02, 16.0
WARM_UP = 20
"""First answers of a started model server that count as requests, but not as slow or quick."""


@dataclass(frozen=True)
class Moments:
    """Number, sum and sum of squares of a quantity."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def mean(self) -> float:
        """Mean; 0 where nothing was counted, so ask `count` first."""
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """Variance with divisor n, never negative."""
        if not self.count:
            return 0.0
        return max(0.0, self.squares / self.count - self.mean**2)


@dataclass(frozen=True)
class Losses:
    """Losses of labelled predictions: wrong class (0 or 1), squared and absolute distance."""

    error: Moments = Moments()
    squared: Moments = Moments()
    absolute: Moments = Moments()


@dataclass(frozen=True)
class Tally:
    """What one variant did in one phase.

    Attributes:
        variant: Its name.
        version: The model version behind it.
        requests: Requests that were sent to it by its weight, those of `refused` left out.
        errors: Those of them that it left unanswered, or answered with 5xx or with no predictions.
        refused: Requests that it answered with 4xx: the caller's fault, and no evidence.
        latency: Answers after the warm-up by `LATENCY_BOUNDS`, one bin more than bounds.
        outputs: Predictions by bin: (bin, count) in rising order of bins; see `output_bin`.
        losses: Losses of the predictions that have a label.
        units: Whether callers named units, so that requests of one unit share a variant.
    """

    variant: str
    version: str
    requests: int = 0
    errors: int = 0
    refused: int = 0
    latency: tuple[int, ...] = ()
    outputs: tuple[tuple[int, int], ...] = ()
    losses: Losses = field(default_factory=Losses)
    units: bool = False


@dataclass(frozen=True)
class Pairing:
    """What a shadow variant answered to the same requests as the variants that callers saw.

    A request of several rows is one pair, by its worst row.

    Attributes:
        variant: Name of the shadow variant.
        version: The model version behind it.
        pairs: Mirrored requests that the visible variant answered; failed ones included.
        errors: Those of them that the shadow left unanswered, or answered with 5xx, or refused
            although the visible variant had accepted them.
        visible_errors: Mirrored requests that the visible variant itself failed; no pair.
        classes_differ: Pairs whose predictions lie on different sides of 0.5.
        gaps: Pairs by relative difference |a-b| / max(|a|, |b|), in 20 bins of 0.05 up to 1; what
            is larger (signs differ) counts in the last bin.
        latency: Answers of the shadow after the warm-up, as in `Tally`.
        outputs: Predictions of the shadow, as in `Tally`.
        differences: Loss of the shadow minus loss of the visible variant, of labelled pairs.
        dropped: Requests that should have been mirrored but were not, since the shadow was busy.
    """

    variant: str
    version: str
    pairs: int = 0
    errors: int = 0
    visible_errors: int = 0
    classes_differ: int = 0
    gaps: tuple[int, ...] = ()
    latency: tuple[int, ...] = ()
    outputs: tuple[tuple[int, int], ...] = ()
    differences: Losses = field(default_factory=Losses)
    dropped: int = 0


@dataclass(frozen=True)
class Evidence:
    """What is known of one phase of an endpoint.

    Attributes:
        endpoint: Name of the endpoint.
        revision: Revision that the counts belong to.
        seconds: How long the phase has been watched, by a clock that never jumps.
        tallies: One for each variant that got a request.
        pairings: One for each shadow variant that got a request.
        interruptions: How often the counting began anew after a crash; each one may have lost the
            counts of its last second.
        apart: Seconds by which the counts of one variant may be newer than another's.
    """

    endpoint: str
    revision: int
    seconds: float
    tallies: tuple[Tally, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    interruptions: int = 0
    apart: float = 0.0

    @property
    def behind(self) -> float:
        """Share of the counts that one variant's may lack of another's."""
        return min(1.0, self.apart / self.seconds) if self.seconds > 0 else min(1.0, self.apart)

    def tally(self, version: str) -> Tally | None:
        """Return the tally of a version."""
        return next((one for one in self.tallies if one.version == version), None)

    def pairing(self, version: str) -> Pairing | None:
        """Return the pairing of a shadow version."""
        return next((one for one in self.pairings if one.version == version), None)


def latency_bin(milliseconds: float) -> int:
    """Return the bin of an answer: the first whose bound is not below it."""
    return bisect_left(LATENCY_BOUNDS, milliseconds)


def output_bin(value: float) -> int:
    """Return the bin of a prediction: asinh of it in steps, cut off at the reach."""
    return round(max(-OUTPUT_REACH, min(OUTPUT_REACH, asinh(value))) / OUTPUT_STEP)
