"""Answers above the limit of time, after the warm-up of a model server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import SignalSeen
from include.evidence.counts import log_evidence
from include.evidence.shares import Share, log_excess_evidence, slow
from include.rollout.signals.words import percent, told
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.rollout.signals.view import View


def judge(view: View) -> SignalSeen:
    """Judge slow answers: too many more than the stable version's, or too many at all, is harm."""
    limits = view.limits.latency
    share, stable = slow(view.candidate.latency, limits.limit_ms), _stable(view)
    strongest = max(
        log_evidence(share.hits, share.others, limits.max_share),
        log_excess_evidence(share, stable, limits.max_increase),
    )
    verdict = view.concluded(share, limits.max_share, is_harm=view.proves(strongest))
    return SignalSeen(
        name="latency",
        verdict=verdict,
        words=_words(view, share, stable, verdict),
        value=share.value if share.total else None,
        limit=limits.max_share,
        samples=share.total,
        needed=view.stage.min_requests,
    )


def _stable(view: View) -> Share:
    latency = view.stable.latency if view.stable is not None else ()
    return slow(latency, view.limits.latency.limit_ms)


def _words(view: View, share: Share, stable: Share, verdict: Verdict) -> str:
    if verdict is Verdict.NO_DATA:
        return "no answers after the warm-up yet"
    limits = view.limits.latency
    stands = told(verdict, share, view.stage.min_requests, limits.max_share)
    beside = f", stable {percent(stable.value)}" if stable.total else ""
    counts = f"{share.hits} of {share.total} answers took over {limits.limit_ms:g} ms"
    return (
        f"{stands}: {counts} ({percent(share.value)}){beside}; at most {percent(limits.max_share)}"
    )
