"""What was counted, as the tally of a variant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from include.evidence.tally import LATENCY_BOUNDS, Evidence, Tally, latency_bin, output_bin
from include.serving.prometheus.conditions import Condition, unmeasured
from include.serving.prometheus.templates import MILLISECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from include.errors import MetricsUnavailable
    from include.serving.prometheus.growth import Growth
    from include.serving.prometheus.phases import Arm, Phase
    from include.serving.prometheus.series import Labels
    from include.serving.prometheus.templates import Templates, Unit


def evidence(
    phase: Phase, growths: Sequence[Growth], templates: Templates, apart: float = 0.0
) -> Evidence:
    """Return the evidence of a phase from the counts of its variants, in their order.

    Raises:
        MetricsUnavailable: as `tally` does.
    """
    tallies = (
        tally(arm, growth, templates) for arm, growth in zip(phase.arms, growths, strict=True)
    )
    newest = max((growth.newest for growth in growths), default=0.0)
    return Evidence(
        endpoint=phase.endpoint,
        revision=phase.revision,
        seconds=max(0.0, newest - phase.since),
        tallies=tuple(one for one in tallies if one is not None),
        interruptions=sum(growth.interruptions for growth in growths),
        apart=apart,
    )


def tally(arm: Arm, growth: Growth, templates: Templates) -> Tally | None:
    """Return the tally of a variant; None where no request reached it.

    Raises:
        MetricsUnavailable: the counts are not those of requests, or their buckets are none.
    """
    requests, errors, refused = _requests(growth, templates)
    timed = _latency(growth, templates.unit)
    answered = requests - errors
    excess = sum(timed) - answered
    if excess > errors + refused:
        raise _malformed(growth, f"{sum(timed)} timed answers of {requests + refused} requests")
    if not requests + refused:
        return None
    return Tally(
        variant=arm.variant,
        version=arm.version,
        requests=requests,
        errors=errors,
        refused=refused,
        latency=_trimmed(timed, excess),
        outputs=_outputs(growth),
    )


def _requests(growth: Growth, templates: Templates) -> tuple[int, int, int]:
    """Return requests without the refused ones, those that failed, and the refused ones."""
    by_class = dict.fromkeys("012345", 0)
    for labels, total in _flat(growth, "requests"):
        first = "2"
        if templates.errors is None:
            status = dict(labels).get(templates.code, "")
            first = status[:1]
            if first not in by_class or not first:
                raise _malformed(growth, f"label {templates.code!r} is no HTTP status", status)
        by_class[first] += total
    errors = by_class["5"] + by_class["0"] + sum(total for _, total in _flat(growth, "errors"))
    asked = sum(by_class.values()) - by_class["4"]
    if errors > asked:
        raise _malformed(growth, f"{errors} errors of {asked} requests")
    return asked, errors, by_class["4"]


def _latency(growth: Growth, unit: Unit) -> tuple[int, ...]:
    bins = [0] * (len(LATENCY_BOUNDS) + 1)
    for bound, count in _buckets(growth, "latency"):
        # 0.0011 s are 1.1 ms and a hair, which would be the next bin.
        milliseconds = round(bound * MILLISECONDS[unit], 6)
        bins[latency_bin(milliseconds)] += count
    return tuple(bins)


def _trimmed(bins: tuple[int, ...], excess: int) -> tuple[int, ...]:
    """Leave out as many of the slowest as are no good answers, where failed ones are timed too.

    Nobody knows which they are. Leaving out quick ones would make harm of errors that were fast.
    """
    kept = list(bins)
    for place in range(len(kept) - 1, -1, -1):
        if excess <= 0:
            break
        taken = min(kept[place], excess)
        kept[place] -= taken
        excess -= taken
    return tuple(kept)


def _outputs(growth: Growth) -> tuple[tuple[int, int], ...]:
    bins: dict[int, int] = {}
    for bound, count in _buckets(growth, "predictions"):
        if count:
            place = output_bin(bound)
            bins[place] = bins.get(place, 0) + count
    return tuple(sorted(bins.items()))


def _buckets(growth: Growth, signal: str) -> Iterable[tuple[float, int]]:
    """Return upper bounds and counts of all histograms; servers may have different bounds."""
    for counted in growth.totals(signal):
        histograms: dict[Labels, list[tuple[float, int]]] = {}
        for labels, total in counted:
            rest = tuple(pair for pair in labels if pair[0] != "le")
            histograms.setdefault(rest, []).append((_bound(growth, labels), total))
        for cumulated in histograms.values():
            below = 0
            for bound, total in sorted(cumulated):
                if total < below:
                    raise _malformed(growth, f"buckets of {signal} fall at le={bound:g}")
                yield bound, total - below
                below = total


def _bound(growth: Growth, labels: Labels) -> float:
    text = dict(labels).get("le", "")
    try:
        bound = float(text)
    except ValueError:
        bound = math.nan
    if math.isnan(bound):
        raise _malformed(growth, "a bucket has no bound: label 'le'", text)
    return bound


def _flat(growth: Growth, signal: str) -> Iterable[tuple[Labels, int]]:
    for counted in growth.totals(signal):
        yield from counted


def _malformed(growth: Growth, what: str, value: object = None) -> MetricsUnavailable:
    remedy = "Check the selectors: they must count the requests of this variant, and no others"
    return unmeasured(Condition.MALFORMED, what, where=growth.where, value=value, remedy=remedy)
