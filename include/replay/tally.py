"""What became of the requests of a replay, and of which population it says something."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from include.replay.held_back import HeldBack

_DECIMALS = 1


class LabelCounts(BaseModel):
    """What became of the labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due: int = Field(description="Answered applications whose label was to be sent.")
    accepted: int = Field(description="Labels that the endpoint put to a prediction.")
    unknown: int = Field(description="Labels of which it knew no prediction.")
    duplicates: int = Field(description="Labels that it had before.")
    lost: int = Field(description="Labels that could not be delivered.")
    problem: str = Field(default="", description="Why the last delivery failed; empty for none.")


class ReplaySummary(BaseModel):
    """A whole replay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    seconds: float
    rate: float = Field(description="Requests a second that were wanted.")
    sent: int = Field(description="Requests.")
    rows: int = Field(description="Applications in them.")
    answered: int = Field(description="Answered with status 200.")
    failed: int = Field(description="Not answered, answered otherwise, or held up too long.")
    by_version: dict[str, int] = Field(description="Answered requests by the version that did.")
    failures: dict[str, int] = Field(description="Failed requests by what happened.")
    median_ms: float | None
    p99_ms: float | None
    labels: LabelCounts
    applications: int = Field(description="Distinct applications that were sent.")
    claim: str = Field(description="What population the counts are about.")

    @property
    def is_clean(self) -> bool:
        """Whether every request was answered and every label delivered."""
        return not self.failed and not self.labels.lost


@dataclass
class Tally:
    """Counts while a replay runs; one thread writes."""

    sent: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    def answer(self, version: str, seconds: float) -> None:
        """Count an answer."""
        self.answered[version or "unnamed"] += 1
        self.milliseconds.append(seconds * 1000)

    def fail(self, why: str) -> None:
        """Count a request without a good answer."""
        self.failures[why] += 1

    def line(self) -> str:
        """Return the counts in one line."""
        versions = ", ".join(f"{name} {count}" for name, count in sorted(self.answered.items()))
        failed = sum(self.failures.values())
        return (
            f"sent {self.sent}, answered {sum(self.answered.values())} ({versions or 'none'}), "
            f"failed {failed}, labels {self.labels['accepted']}"
        )

    def label_counts(self) -> LabelCounts:
        """Return what became of the labels."""
        names = ("due", "accepted", "unknown", "duplicates", "lost")
        return LabelCounts(**{name: self.labels[name] for name in names}, problem=self.problem)

    def quantile(self, share: float) -> float | None:
        """Return the time below which that share of the answers came, in milliseconds."""
        if not self.milliseconds:
            return None
        ordered = sorted(self.milliseconds)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], _DECIMALS)


def claim(held: HeldBack, sent: int) -> str:
    """Return what the counts are about, and what they are not.

    Args:
        held: What was sent.
        sent: How many applications were, repetitions counted.
    """
    distinct = min(sent, len(held.applications))
    times = sent / distinct if distinct else 0.0
    each = "each sent once" if sent <= distinct else f"each sent about {times:.0f} times"
    left_out = [
        f"{count} held-back row(s) {word}"
        for count, word in ((held.arrived, "had arrived"), (held.incomplete, "are incomplete"))
        if count
    ]
    rest = f"; not sent: {', '.join(left_out)}" if left_out else ""
    return (
        f"{distinct} distinct applications {held.why}, {each}, of {held.population}{rest}. "
        f"Compared with all {held.compared} rows that arrived. It says nothing about others, and "
        "repeating an application adds no new one."
    )
