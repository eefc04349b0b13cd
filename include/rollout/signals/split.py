"""The observed split against the wanted one; another one makes every comparison worthless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.plans import SignalSeen
from include.evidence.shares import Share
from include.evidence.split import FEWEST, is_off
from include.evidence.tally import Pairing
from include.rollout.signals.words import percent
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.rollout.signals.view import View

DROPPED = 0.2
"""Largest share of requests that a busy shadow may miss: it picks the easy moments."""


def observed(view: View) -> Share:
    """Return the requests that reached the candidate, of all; of a shadow, of those mirrored."""
    one = view.candidate
    if isinstance(one, Pairing):
        reached = one.pairs + one.visible_errors
        return Share(reached, reached + one.dropped)
    return Share(one.requests, view.everybody)


def judge(view: View) -> SignalSeen:
    """Judge the split: never harm; a wrong one is a broken measurement."""
    share = observed(view)
    is_shadow = isinstance(view.candidate, Pairing)
    verdict, words = _of_shadow(share) if is_shadow else _of_canary(view, share)
    return SignalSeen(
        name="split",
        verdict=verdict,
        words=words,
        value=share.value if share.total else None,
        limit=1.0 if is_shadow else view.stage.percent / 100,
        samples=share.hits,
        needed=view.stage.min_requests,
    )


def _of_shadow(share: Share) -> tuple[Verdict, str]:
    if not share.total:
        return Verdict.NO_DATA, "nothing was mirrored yet"
    missed = share.others / share.total
    if share.total >= FEWEST and missed > DROPPED:
        words = f"the shadow is too busy: it missed {percent(missed)} of what it should have got"
        return Verdict.INCONCLUSIVE, words
    return Verdict.PASS, f"{share.hits} mirrored, {share.others} missed since it was busy"


def _of_canary(view: View, share: Share) -> tuple[Verdict, str]:
    units = _has_units(view)
    if not share.total:
        return Verdict.NO_DATA, "no requests yet"
    words = f"{percent(share.value)} of {share.total} requests, wanted {view.stage.percent} %"
    told = f"{words} (callers name units: coarser)" if units else words
    if is_off(share.hits, share.total, view.stage.percent, units=units, behind=view.behind):
        return Verdict.ERROR, f"the split is another one: {told}"
    return Verdict.PASS, told


def _has_units(view: View) -> bool:
    tallies = (view.candidate, view.stable)
    return any(not isinstance(one, Pairing) and one is not None and one.units for one in tallies)
