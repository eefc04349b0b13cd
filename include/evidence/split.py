"""The observed split of requests against the wanted one."""

from __future__ import annotations

from math import sqrt

TOLERANCE = 5.0
"""Standard deviations; the router's turns are exact, so that the truth lies far inside."""
FEWEST = 100
UNEVEN = 1.25
REQUESTS_PER_UNIT = 20
"""With units the requests of one share a variant, and nobody counts the units."""


def deviations(candidate: int, everybody: int, percent: float, *, units: bool = False) -> float:
    """Return how many standard deviations the candidate's requests lie off their wanted share.

    Requests count as drawn one by one; with ``units`` as drawn in lots of `REQUESTS_PER_UNIT`, so
    that it takes 4.5 times the distance. One more request of variance is the turn under way.
    """
    share = percent / 100
    lot = REQUESTS_PER_UNIT if units else 1
    return (candidate - everybody * share) / sqrt(everybody * share * (1 - share) * lot + lot)


def is_off(
    candidate: int, everybody: int, percent: float, *, units: bool = False, behind: float = 0.0
) -> bool:
    """Say whether the split is another one than the wanted; never before `FEWEST` requests.

    Args:
        candidate: Requests of the candidate.
        everybody: Requests of all.
        percent: The wanted share of the candidate.
        units: Whether callers name units.
        behind: Share of the requests that the side which looks small may have had beside those
            that were counted, since its counts are older.
    """
    if everybody < FEWEST:
        return False
    candidate, everybody = _caught_up(candidate, everybody, percent / 100, behind)
    return abs(deviations(candidate, everybody, percent, units=units)) > TOLERANCE


def _caught_up(candidate: int, everybody: int, share: float, behind: float) -> tuple[int, int]:
    """Add what the smaller side may lack, but no more than makes the split the wanted one."""
    others = everybody - candidate
    if share >= 1 or not behind:
        return candidate, everybody
    if candidate > everybody * share:
        wanted = candidate * (1 - share) / share
        return candidate, candidate + round(min(wanted, others + wanted * behind))
    wanted = others * share / (1 - share)
    candidate = round(min(wanted, candidate + wanted * behind))
    return candidate, candidate + others


def is_uneven(labels: tuple[int, int], predictions: tuple[int, int]) -> bool:
    """Say whether labels arrive for another share of one version's predictions than the other's.

    Args:
        labels: Labels of the candidate and of the stable version.
        predictions: Their predictions.

    It takes both: more than chance (`TOLERANCE`), and a share of labels that is a quarter larger.
    """
    everybody = sum(predictions)
    if not min(predictions) or sum(labels) < FEWEST:
        return False
    if not is_off(labels[0], sum(labels), 100 * predictions[0] / everybody):
        return False
    shares = sorted(count / rows for count, rows in zip(labels, predictions, strict=True))
    return shares[1] > UNEVEN * shares[0]
