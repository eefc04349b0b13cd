"""The stages of a release, told as they happen and as they ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.embedded.demo.summary import SignalTold, StageTold

if TYPE_CHECKING:
    from include.client.messages.plans import StageRecord, StageSeen
    from include.client.messages.rollouts import Rollout
    from include.embedded.demo.progress import Progress


@dataclass(frozen=True)
class StageTeller:
    """Tells each change of state of a rollout's stages, once."""

    progress: Progress
    _told: dict[int, str] = field(default_factory=dict)

    def look(self, rollout: Rollout) -> None:
        """Tell what changed, and what the newest stage shows."""
        for record in rollout.stages:
            if self._told.get(record.index) != record.state.value:
                self._told[record.index] = record.state.value
                self.progress.event(f"  {title(rollout, record)}: {_line(record)}")
        if rollout.stages and rollout.stages[-1].seen and not rollout.stages[-1].ended_at:
            newest = rollout.stages[-1]
            self.progress.busy(f"{title(rollout, newest)}: {rollout.stages[-1].seen.words}")


def told(rollout: Rollout) -> tuple[StageTold, ...]:
    """Return the stages of a rollout as the summary keeps them."""
    return tuple(_told(rollout, record) for record in rollout.stages)


def title(rollout: Rollout, record: StageRecord) -> str:
    """Return what people call a stage."""
    planned = rollout.plan.stages[record.index]
    return f"{planned.kind} {planned.percent} %"


def _line(record: StageRecord) -> str:
    seen = record.seen
    if seen is None or not record.ended_at:
        return record.state.value
    return f"{record.state.value}, {_counts(seen)}: {seen.words}"


def _counts(seen: StageSeen) -> str:
    split = "" if seen.observed_percent is None else f"observed {seen.observed_percent:.1f} %, "
    return f"{split}{seen.candidate_requests} requests in {seen.seconds:.0f} s"


def _told(rollout: Rollout, record: StageRecord) -> StageTold:
    planned, seen = rollout.plan.stages[record.index], record.seen
    signals = seen.signals if seen else ()
    return StageTold(
        kind=planned.kind,
        percent=planned.percent,
        state=record.state.value,
        verdict=seen.verdict.value if seen else "no_data",
        words=seen.words if seen else record.reason,
        observed_percent=seen.observed_percent if seen else None,
        candidate_requests=seen.candidate_requests if seen else 0,
        stable_requests=seen.stable_requests if seen else 0,
        seconds=round(seen.seconds, 1) if seen else 0.0,
        signals=tuple(
            SignalTold(
                name=one.name, verdict=one.verdict.value, words=one.words, samples=one.samples
            )
            for one in signals
        ),
    )
