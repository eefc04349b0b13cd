"""Sequential test of counts: are the hits more than their share, in the direction of harm only?

Each event is a hit with a probability that is at most ``share`` where there is no harm. The
likelihood ratio against ``share``, mixed over the shares *above* it by a Beta distribution with
mean ``share`` cut off below it, is a supermartingale there, starting at 1: so it ever reaches
1/alpha with a probability of at most alpha (Ville), however often one looks. Mixture: Robbins
1970; as a check of splits Lindon & Malek 2022, whose setting of the weight (10 000) is far too
slow for harm. `docs/statistics.md` has the derivation, and what it assumes of requests.
"""

from __future__ import annotations

from functools import lru_cache
from math import log, log1p

from include.evidence.beta import log_beta, log_mass_above

PRIOR_WEIGHT = 10.0
"""Number of events that the prior counts as. Small: harm may be large, and is found at once."""


def log_evidence(hits: int, others: int, share: float) -> float:
    """Return the logarithm of the evidence that hits come more often than ``share``; 0 for none.

    Args:
        hits: Events of the harmful kind: errors of the candidate, or slow answers.
        others: Events of the other kind: errors of the stable version, or quick answers.
        share: Largest probability of a hit without harm, between 0 and 1.

    Returns:
        Reject at level alpha where it reaches ``-log(alpha)``.
    """
    if not 0 < share < 1 or hits <= share * (hits + others):
        return 0.0
    a, b = PRIOR_WEIGHT * share, PRIOR_WEIGHT * (1 - share)
    after = log_beta(a + hits, b + others) + log_mass_above(a + hits, b + others, share)
    return max(0.0, after - _log_prior(share) - hits * log(share) - others * log1p(-share))


@lru_cache(maxsize=256)
def _log_prior(share: float) -> float:
    """Return the logarithm of the prior's mass above a share; limits are asked for again."""
    a, b = PRIOR_WEIGHT * share, PRIOR_WEIGHT * (1 - share)
    return log_beta(a, b) + log_mass_above(a, b, share)


def turn_share(candidate: int, stable: int) -> float:
    """Return the share of the requests that is the candidate's, its turn under way included.

    Counting one more for it keeps the share from being too small, early, while turns are exact.
    """
    return (candidate + 1) / (candidate + stable + 1)
