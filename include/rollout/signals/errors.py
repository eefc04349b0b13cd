"""Requests that the candidate leaves unanswered, or answers with a server error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import SignalSeen
from include.evidence.counts import log_evidence, turn_share
from include.evidence.shares import Share
from include.evidence.tally import Pairing
from include.rollout.signals.words import percent, told
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.rollout.signals.view import View

_EVEN = 0.5


def judge(view: View) -> SignalSeen:
    """Judge errors: more than the stable version's, or than the largest share at all, is harm."""
    share, largest = Share(view.candidate.errors, view.asked), view.limits.errors.max_share
    strongest = max(log_evidence(share.hits, share.others, largest), _against_stable(view))
    verdict = view.concluded(share, largest, is_harm=view.proves(strongest))
    return SignalSeen(
        name="errors",
        verdict=verdict,
        words=_words(view, share, verdict),
        value=share.value if share.total else None,
        limit=largest,
        samples=share.total,
        needed=view.stage.min_requests,
    )


def _against_stable(view: View) -> float:
    one, stable = view.candidate, view.stable
    if isinstance(one, Pairing):
        # What both failed counts against the stable version alone: the safe side of McNemar's.
        return log_evidence(one.errors, one.visible_errors, _EVEN)
    if stable is None:
        return 0.0
    return log_evidence(one.errors, stable.errors, turn_share(one.requests, stable.requests))


def _words(view: View, share: Share, verdict: Verdict) -> str:
    if verdict is Verdict.NO_DATA:
        return "no requests yet"
    stands = told(verdict, share, view.stage.min_requests, view.limits.errors.max_share)
    beside = _beside(view)
    limit = percent(view.limits.errors.max_share)
    counts = f"{share.hits} of {share.total} requests failed ({percent(share.value)})"
    return f"{stands}: {counts}{beside}; at most {limit}"


def _beside(view: View) -> str:
    one = view.candidate
    if isinstance(one, Pairing):
        return f", of the same requests stable failed {one.visible_errors}"
    if view.stable is None or not view.stable.requests:
        return ""
    return f", stable {percent(view.stable.errors / view.stable.requests)}"
