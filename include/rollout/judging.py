"""What the evidence says of a stage: a pure function, asked again each second.

Harm counts as soon as it is proven; a pass takes every required signal, the minimum sample and
the shortest watch. What is broken, missing or undecided never passes and never is harm. Each test
holds at every look (docs/statistics.md), so that a release that does no harm is rolled back with
at most the plan's probability, however often it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from include.client.messages.plans import StageSeen
from include.evidence.soundness import fault
from include.evidence.tally import Pairing, Tally
from include.rollout.signals import (
    agreement,
    alarms,
    distribution,
    errors,
    latency,
    quality,
    split,
)
from include.rollout.signals.view import View
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.client.messages.plans import PlannedStage, ReleasePlan, SignalSeen
    from include.evidence.tally import Evidence

_ALONE = "; nothing stands beside it, so the limits are absolute"


@dataclass(frozen=True)
class Versions:
    """Who is compared with whom; `stable` is empty where nothing is live."""

    stable: str
    candidate: str


def judge(plan: ReleasePlan, index: int, versions: Versions, evidence: Evidence) -> StageSeen:
    """Return what is seen of a stage.

    Args:
        plan: The frozen plan.
        index: Which of its stages.
        versions: The versions of the rollout.
        evidence: Counts of the phase in which the stage was applied, and of no other.
    """
    stage = plan.stages[index]
    broken = fault(evidence) or _misplaced(stage, versions, evidence)
    if broken:
        return _seen(Verdict.ERROR, f"the measurement is broken: {broken}", evidence, versions)
    view = _view(plan, stage, versions, evidence)
    signals = tuple(_signals(view))
    verdict = _verdict(view, signals, evidence.seconds)
    words = _words(verdict, view, signals, evidence.seconds)
    seen = _seen(verdict, words, evidence, versions)
    share = split.observed(view)
    told = round(100 * share.value, 3) if share.total else None
    return seen.model_copy(
        update={
            "signals": signals, "candidate_requests": view.asked, "observed_percent": told
        }
    )  # fmt: skip


def _view(plan: ReleasePlan, stage: PlannedStage, versions: Versions, evidence: Evidence) -> View:
    candidate: Tally | Pairing | None = (
        evidence.pairing(versions.candidate)
        if stage.kind == "shadow"
        else evidence.tally(versions.candidate)
    )
    kind = Pairing if stage.kind == "shadow" else Tally
    stable = evidence.tally(versions.stable) or Tally("", versions.stable)
    return View(
        stage=stage,
        limits=plan.signals,
        task=plan.task,
        alpha=alarms.level(plan),
        candidate=candidate or kind("", versions.candidate),
        stable=stable if alarms.has_beside(plan, stage) else None,
        everybody=sum(tally.requests for tally in evidence.tallies),
        behind=evidence.behind,
    )


def _signals(view: View) -> Iterator[SignalSeen]:
    yield split.judge(view)
    yield errors.judge(view)
    yield latency.judge(view)
    if view.stable is None:
        return
    yield distribution.judge(view, view.stable)
    if isinstance(view.candidate, Pairing):
        yield agreement.judge(view, view.candidate)
    if view.limits.quality is not None:
        yield quality.judge(view, view.limits.quality)


def _misplaced(stage: PlannedStage, versions: Versions, evidence: Evidence) -> str:
    tally = evidence.tally(versions.candidate)
    if stage.kind == "shadow" and tally is not None and tally.requests:
        return f"the shadow {versions.candidate} answered {tally.requests} callers"
    return ""


def _verdict(view: View, signals: tuple[SignalSeen, ...], seconds: float) -> Verdict:
    verdicts = [signal.verdict for signal in signals if _counts(view, signal)]
    for decisive in (Verdict.FAIL, Verdict.ERROR):
        if decisive in verdicts:
            return decisive
    if not view.asked:
        return Verdict.NO_DATA
    is_over = seconds >= view.stage.min_seconds
    all_pass = set(verdicts) == {Verdict.PASS}
    return Verdict.PASS if is_over and all_pass else Verdict.INCONCLUSIVE


def _counts(view: View, signal: SignalSeen) -> bool:
    """Say whether a signal decides: quality that is not required does by harm alone."""
    limits = view.limits.quality
    is_optional = signal.name == "quality" and limits is not None and not limits.required
    return signal.verdict is Verdict.FAIL or not is_optional


def _words(verdict: Verdict, view: View, signals: tuple[SignalSeen, ...], seconds: float) -> str:
    alone = _ALONE if view.stable is None else ""
    if verdict is Verdict.NO_DATA:
        return "no request has reached the candidate yet"
    if verdict is Verdict.PASS:
        return f"no harm in {view.asked} requests and {seconds:.0f} s{alone}"
    deciding = {verdict} if verdict in {Verdict.FAIL, Verdict.ERROR} else _WAITING
    named = [
        f"{signal.name}: {signal.words}"
        for signal in signals
        if signal.verdict in deciding and _counts(view, signal)
    ]
    if verdict is Verdict.INCONCLUSIVE and seconds < view.stage.min_seconds:
        named.append(f"watched {seconds:.0f} of {view.stage.min_seconds:.0f} s")
    return " | ".join(named) + alone


_WAITING = {Verdict.INCONCLUSIVE, Verdict.NO_DATA}


def _seen(verdict: Verdict, words: str, evidence: Evidence, versions: Versions) -> StageSeen:
    candidate, stable = evidence.tally(versions.candidate), evidence.tally(versions.stable)
    return StageSeen(
        verdict=verdict,
        words=words,
        signals=(),
        seconds=_sound(evidence.seconds),
        candidate_requests=int(_sound(candidate.requests if candidate else 0)),
        stable_requests=int(_sound(stable.requests if stable else 0)),
    )


def _sound(number: float) -> float:
    """Return a number that can be kept as JSON, also of a measurement that is broken."""
    return number if isfinite(number) and number >= 0 else 0.0
