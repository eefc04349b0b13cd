"""Labelled quality: how much worse the candidate predicts, by the labels that have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import SignalSeen
from include.evidence.confidence import (
    FEWEST,
    Level,
    difference,
    difference_of_shares,
    half_width,
    paired,
)
from include.evidence.distance import total
from include.evidence.split import is_uneven
from include.evidence.tally import Pairing
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evidence.confidence import Estimate
    from include.evidence.tally import Losses, Moments, Tally
    from include.rollout.signals.view import View
    from include.spec.release import QualityLimits

NO_WORSE = 0.05
"""Largest probability that "no worse than the margin" is ever said of what is worse."""


def judge(view: View, limits: QualityLimits) -> SignalSeen:
    """Judge quality: harm is proven beyond the margin, a pass is proven inside it."""
    needed = max(limits.min_labels, FEWEST)
    counts, estimate = _labels(view, limits), _estimate(view, limits)
    uneven = _uneven(view, limits)
    if uneven:
        return _seen(limits, Verdict.ERROR, uneven, counts[0])
    if not counts[0]:
        return _seen(limits, Verdict.NO_DATA, f"no labels yet, {needed} needed", 0)
    if estimate is None or min(counts) < needed:
        words = f"no harm seen: {' and '.join(map(str, counts))} of {needed} labels"
        return _seen(limits, Verdict.INCONCLUSIVE, words, counts[0])
    if not estimate.error:
        words = f"the losses of {counts[0]} labels do not vary: no bound holds"
        return _seen(limits, Verdict.INCONCLUSIVE, words, counts[0])
    return _bounded(view, limits, estimate)


def _bounded(view: View, limits: QualityLimits, estimate: Estimate) -> SignalSeen:
    planned = _planned(view, limits)
    lower = estimate.value - half_width(estimate, Level(view.alpha, planned))
    upper = estimate.value + half_width(estimate, Level(NO_WORSE, planned))
    verdict = _verdict(lower, upper, limits.margin)
    labels = _labels(view, limits)[0]
    seen = _seen(limits, verdict, _words(verdict, estimate, (lower, upper), limits), labels)
    return seen.model_copy(update={"value": estimate.value, "lower": lower, "upper": upper})


def _planned(view: View, limits: QualityLimits) -> float:
    """Return the labels of both at which the candidate has its minimum."""
    if isinstance(view.candidate, Pairing):
        return limits.min_labels
    return limits.min_labels * 100 / view.stage.percent


def _verdict(lower: float, upper: float, margin: float) -> Verdict:
    if lower > margin:
        return Verdict.FAIL
    return Verdict.PASS if upper < margin else Verdict.INCONCLUSIVE


def _words(
    verdict: Verdict, estimate: Estimate, bounds: tuple[float, float], limits: QualityLimits
) -> str:
    stands = {
        Verdict.FAIL: f"harm: at least {bounds[0]:+.4g}",
        Verdict.PASS: f"no worse than the margin: at most {bounds[1]:+.4g}",
    }.get(verdict, f"not decided: between {bounds[0]:+.4g} and {bounds[1]:+.4g}")
    seen = f"{limits.loss} loss {estimate.value:+.4g} against stable"
    return f"{stands} ({seen}); margin {limits.margin:g}"


def _seen(limits: QualityLimits, verdict: Verdict, words: str, labels: int) -> SignalSeen:
    return SignalSeen(
        name="quality", verdict=verdict, words=words, limit=limits.margin, samples=labels,
        needed=max(limits.min_labels, FEWEST),
    )  # fmt: skip


def _losses(losses: Losses, limits: QualityLimits) -> Moments:
    moments: Moments = getattr(losses, limits.loss)
    return moments


def _labels(view: View, limits: QualityLimits) -> tuple[int, ...]:
    """Return the labels of the candidate and of the stable version, or of the pairs."""
    if isinstance(view.candidate, Pairing):
        return (_losses(view.candidate.differences, limits).count,)
    stable = _losses(view.stable.losses, limits).count if view.stable is not None else 0
    return _losses(view.candidate.losses, limits).count, stable


def _estimate(view: View, limits: QualityLimits) -> Estimate | None:
    binary = limits.loss == "error"
    if not min(_labels(view, limits)):
        return None
    if isinstance(view.candidate, Pairing):
        return paired(_losses(view.candidate.differences, limits), binary=binary)
    if view.stable is None:
        return None
    ours, theirs = (_losses(one.losses, limits) for one in (view.candidate, view.stable))
    return difference_of_shares(ours, theirs, limits.margin) if binary else difference(ours, theirs)


def _uneven(view: View, limits: QualityLimits) -> str:
    """Return that labels do not arrive equally, where they do not; pairs cannot differ."""
    one, stable = view.candidate, view.stable
    if isinstance(one, Pairing) or stable is None:
        return ""
    labels, rows = _labels(view, limits), (_rows(one), _rows(stable))
    if not is_uneven((labels[0], labels[1]), rows):
        return ""
    return (
        f"labels do not arrive equally: {labels[0]} for {rows[0]} predictions of the candidate, "
        f"{labels[1]} for {rows[1]} of stable"
    )


def _rows(tally: Tally) -> int:
    return total(tally.outputs) or tally.requests - tally.errors
