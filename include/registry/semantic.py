"""A version number, and the next one after a change.

===================================================================== =========
What changed against the newest version                               Next
===================================================================== =========
nothing registered before                                             ``1.0.0``
a request or an answer has another shape (``Change.INCOMPATIBLE``)    major
a new optional input, another spec, or the leading metric moved       minor
anything else: the same model on other data                           patch
===================================================================== =========

The leading metric is the first one. It moved when the two intervals do not overlap; a value
without an interval is an interval of no width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.access.naming import VERSION
from include.errors import BadInput
from include.registry.signature import Change, change

if TYPE_CHECKING:
    from include.client.messages.registry import MetricValue, RegisterVersion, Version


@dataclass(frozen=True, order=True)
class Semantic:
    """A version number, ordered as people expect."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Return the three numbers with dots."""
        return f"{self.major}.{self.minor}.{self.patch}"

    def next_major(self) -> Semantic:
        """Return the number after a break."""
        return Semantic(self.major + 1, 0, 0)

    def next_minor(self) -> Semantic:
        """Return the number after a change of behaviour."""
        return Semantic(self.major, self.minor + 1, 0)

    def next_patch(self) -> Semantic:
        """Return the number after a change of data."""
        return Semantic(self.major, self.minor, self.patch + 1)


FIRST = Semantic(1, 0, 0)


def parse(text: str) -> Semantic:
    """Return the number that a text spells.

    Raises:
        BadInput: It is not three numbers with dots.
    """
    if not re.fullmatch(VERSION.strip("^$"), text):
        raise BadInput("not a version", value=text[:80], remedy="Write it like 1.0.0")
    return Semantic(*(int(part) for part in text.split(".")))


def following(newest: Version | None, candidate: RegisterVersion) -> Semantic:
    """Return the number of a candidate, given the newest version of its model."""
    if newest is None:
        return FIRST
    number = parse(newest.version)
    shape = change(newest.signature, candidate.signature)
    if shape is Change.INCOMPATIBLE:
        return number.next_major()
    if shape is Change.COMPATIBLE or _behaves_differently(newest, candidate):
        return number.next_minor()
    return number.next_patch()


def _behaves_differently(newest: Version, candidate: RegisterVersion) -> bool:
    return newest.spec_digest != candidate.spec_digest or has_moved(
        newest.metrics, candidate.metrics
    )


def has_moved(before: tuple[MetricValue, ...], after: tuple[MetricValue, ...]) -> bool:
    """Return whether the leading metric left its interval."""
    if not before or not after:
        return bool(before) != bool(after)
    old, new = before[0], after[0]
    if old.name != new.name:
        return True
    (low, high), (lowest, highest) = _interval(old), _interval(new)
    return high < lowest or highest < low


def _interval(metric: MetricValue) -> tuple[float, float]:
    low = metric.value if metric.lower is None else metric.lower
    high = metric.value if metric.upper is None else metric.upper
    return low, high
