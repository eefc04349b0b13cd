"""Why counts cannot be known just now. None of them is a zero, a pass or harm."""

from __future__ import annotations

from enum import StrEnum

from include.errors import MetricsUnavailable


class Condition(StrEnum):
    """The reasons, told apart because their remedies differ."""

    DOWN = "down"
    """Whoever has the metrics did not answer."""
    REFUSED = "refused"
    """It answered that it will not: who asks may not, or what is asked is not understood."""
    PARTIAL = "partial"
    """It answered with a warning that a part of the data is missing."""
    EMPTY = "empty"
    """It knows no such series: nothing is scraped, or the labels are others."""
    STALE = "stale"
    """It knows them, and nothing new has come for longer than a scrape takes."""
    NAN = "nan"
    """The newest sample is no number."""
    MALFORMED = "malformed"
    """The samples are not counts as they are asked for: a rate, no status, other buckets."""
    SKEWED = "skewed"
    """Its clock and ours differ, so that no window of time means the same to both."""


def unmeasured(
    condition: Condition, what: str, *, where: str, value: object = None, remedy: str = ""
) -> MetricsUnavailable:
    """Return the error of a condition."""
    told = f"metrics {condition}: {what}"
    return MetricsUnavailable(told, condition=condition, where=where, value=value, remedy=remedy)
