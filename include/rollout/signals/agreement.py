"""Agreement of the shadow with the version that callers saw, on the same requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import SignalSeen
from include.evidence.agreement import disagreeing
from include.evidence.counts import log_evidence
from include.rollout.signals.words import percent, told
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evidence.tally import Pairing
    from include.rollout.signals.view import View


def judge(view: View, pairing: Pairing) -> SignalSeen:
    """Judge agreement: harm where more pairs than the largest share are proven to disagree."""
    limits, needed = view.limits.agreement, view.stage.min_requests
    share = disagreeing(pairing, view.task, limits.tolerance)
    evidence = log_evidence(share.hits, share.others, limits.max_disagreement)
    verdict = view.concluded(share, limits.max_disagreement, is_harm=view.proves(evidence))
    stands = told(verdict, share, needed, limits.max_disagreement)
    counts = f"{share.hits} of {share.total} pairs disagree ({percent(share.value)})"
    is_empty = verdict is Verdict.NO_DATA
    words = f"{stands}: {counts}; at most {percent(limits.max_disagreement)}"
    return SignalSeen(
        name="agreement",
        verdict=verdict,
        words="no pairs yet" if is_empty else words,
        value=None if is_empty else share.value,
        limit=limits.max_disagreement,
        samples=share.total,
        needed=needed,
    )
