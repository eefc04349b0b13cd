"""Distribution of the predictions: every honest challenger differs, few differ far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import SignalSeen
from include.evidence.distance import band, kolmogorov_smirnov, total
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evidence.tally import Tally
    from include.rollout.signals.view import View


def judge(view: View, stable: Tally) -> SignalSeen:
    """Judge the distance: harm where it is proven to be larger than the largest one."""
    needed, largest = view.stage.min_requests, view.limits.distribution.max_distance
    ours, theirs = total(view.candidate.outputs), total(stable.outputs)
    if not (ours and theirs):
        return SignalSeen(
            name="distribution", verdict=Verdict.NO_DATA,
            words=f"no predictions of {'stable' if ours else 'the candidate'} yet",
            limit=largest, samples=ours, needed=needed,
        )  # fmt: skip
    distance = kolmogorov_smirnov(view.candidate.outputs, stable.outputs)
    uncertain = sum(band(n, view.alpha / 2, needed) for n in (ours, theirs))
    verdict = _verdict(distance, uncertain, largest, is_enough=min(ours, theirs) >= needed)
    return SignalSeen(
        name="distribution",
        verdict=verdict,
        words=f"{_stands(verdict, ours, theirs, needed)}: distance {distance:.2f} from stable; "
        f"at most {largest:g}",
        value=distance,
        lower=max(0.0, distance - uncertain),
        upper=min(1.0, distance + uncertain),
        limit=largest,
        samples=ours,
        needed=needed,
    )


def _verdict(distance: float, uncertain: float, largest: float, *, is_enough: bool) -> Verdict:
    if distance - uncertain > largest:
        return Verdict.FAIL
    return Verdict.PASS if is_enough and distance <= largest else Verdict.INCONCLUSIVE


def _stands(verdict: Verdict, ours: int, theirs: int, needed: int) -> str:
    if verdict is Verdict.FAIL:
        return "harm"
    if min(ours, theirs) < needed:
        return f"no harm seen, {ours} and {theirs} of {needed} predictions"
    return "no harm seen" if verdict is Verdict.PASS else "far, but harm is not proven"
