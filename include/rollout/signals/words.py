"""Numbers as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evidence.shares import Share


def percent(value: float) -> str:
    """Return a share in percent."""
    return f"{100 * value:.1f} %"


def told(verdict: Verdict, share: Share, needed: int, largest: float) -> str:
    """Return how a share stands to its limit, before the numbers themselves."""
    if verdict is Verdict.FAIL:
        return "harm"
    if verdict is Verdict.INCONCLUSIVE and share.value > largest:
        return f"above {percent(largest)}, but harm is not proven"
    if share.total < needed:
        return f"no harm seen, {share.total} of {needed}"
    return "no harm seen"
