"""What a demo leaves behind: ``demo/summary.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from include.embedded.credentials import write_private
from include.replay.tally import ReplaySummary

if TYPE_CHECKING:
    from pathlib import Path


class Told(BaseModel):
    """Base of every part of the summary: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Phase(Told):
    """One part of the story and how long it took."""

    name: str
    seconds: float


class RuleCount(Told):
    """How many rows one rule of the data contract refused, and why."""

    rule: str = Field(description="Rule, as `<column>.<keyword>`.")
    rows: int = Field(description="Rows that break it.")
    example: str = Field(description="Why the first of them does.")


class AlertTold(Told):
    """An alert that the control plane recorded, with what became of it on each channel."""

    title: str
    severity: str
    deliveries: tuple[str, ...] = Field(description="`channel: state (detail)`, one a channel.")


class OverrideTold(Told):
    """That somebody let a candidate in whose gates did not pass."""

    by: str
    reason: str
    asked_by: str = Field(description="Who triggered the run; somebody else.")
    gates: tuple[str, ...] = Field(description="Gates that did not pass.")


class CandidateTold(Told):
    """Who competed."""

    name: str
    kind: str = Field(description="`single`, `ensemble` or `baseline`.")
    mean: float = Field(description="Mean score over the folds.")
    error: float | None = Field(description="Standard error of the mean; none for one fold.")
    trials: int = Field(description="Finished trials of its search.")
    seconds: float = Field(description="Seconds of searching and fitting; 0 for an ensemble.")
    is_cut_short: bool = Field(description="Whether the clock ended its search.")


class MetricTold(Told):
    """A metric on the test window."""

    name: str
    value: float
    lower: float
    upper: float


class GroupTold(Told):
    """A rate of one group beside the reference of its attribute."""

    attribute: str
    measure: str
    group: str
    reference: str
    ratio: float | None
    lower: float | None
    upper: float | None
    verdict: str = Field(description="Of the ratio against four fifths, by its interval.")
    words: str


class GateTold(Told):
    """What one gate said."""

    name: str
    verdict: str
    message: str


class EvidenceTold(Told):
    """What a training found, up to its gates."""

    score: str = Field(description="Metric that candidates were compared by.")
    candidates: tuple[CandidateTold, ...] = Field(description="Everybody, the best first.")
    winner: str
    reasons: tuple[str, ...] = Field(description="What each rule of the selection said.")
    metrics: tuple[MetricTold, ...] = Field(description="On the untouched test window.")
    groups: tuple[GroupTold, ...] = Field(description="What each group got; none is no report.")
    gates: tuple[GateTold, ...]


class TrainingTold(Told):
    """One training run."""

    partition: str
    run_id: str
    state: str = Field(description="`succeeded`, `refused`, `stopped` or `failed`.")
    reason: str
    data_verdict: str = Field(description="`accept`, `quarantine` or `stop`.")
    gates: str = Field(description="What the gates said; empty when the run never got there.")
    version: str = Field(description="Version that was registered; empty when none was.")
    quarantined: int = Field(description="Rows set aside.")
    rules: tuple[RuleCount, ...] = ()
    evidence: EvidenceTold | None = Field(default=None, description="None before the gates.")
    override: OverrideTold | None = None
    alerts: tuple[AlertTold, ...] = ()


class SignalTold(Told):
    """What one signal said when its stage was looked at last."""

    name: str
    verdict: str
    words: str
    samples: int


class StageTold(Told):
    """One stage of a release: what was wanted, and what was seen."""

    kind: Literal["shadow", "canary"]
    percent: int = Field(description="Wanted share: mirrored (`shadow`), or of the traffic.")
    state: str = Field(description="`passed`, `accepted`, `failed` or `abandoned`.")
    verdict: str
    words: str
    observed_percent: float | None = Field(description="Share that reached the candidate.")
    candidate_requests: int
    stable_requests: int
    seconds: float
    signals: tuple[SignalTold, ...] = ()


class ReleaseTold(Told):
    """One release."""

    version: str
    run_id: str = Field(description="Empty when the version was live before this demo.")
    state: str
    reason: str
    is_first_release: bool
    stable_version: str = Field(description="Version that was live beside it; empty for none.")
    answered_by: str = Field(description="Who answered the first-release decision; empty if none.")
    answer_reason: str
    stages: tuple[StageTold, ...] = ()


class AnswerTold(Told):
    """A prediction that the live endpoint gave."""

    url: str
    client: Literal["curl", "httpx"]
    outputs: dict[str, tuple[float | int | str | bool | None, ...]]
    milliseconds: float


class HarmTold(Told):
    """Where the release of a harmful candidate stopped by itself."""

    version: str
    stage: str = Field(description="Stage that failed, for example `shadow 100 %`.")
    percent_reached: int = Field(description="Largest share of the callers that it ever answered.")
    words: str = Field(description="The evidence.")
    answered: int = Field(description="Requests from outside that it answered.")
    live_version: str = Field(description="Version that went on answering.")


class Summary(Told):
    """The whole demo."""

    format: int = 3
    is_complete: bool = Field(description="Whether every part of the story happened.")
    started_at: str
    seconds: float
    seconds_to_live: float | None = Field(
        description="From the start of the story to the first version carrying traffic."
    )
    phases: tuple[Phase, ...]
    trainings: tuple[TrainingTold, ...]
    releases: tuple[ReleaseTold, ...]
    prediction: AnswerTold | None
    harm: HarmTold | None = Field(description="None where the story never got there.")
    traffic: ReplaySummary | None = Field(description="Requests from outside; none if none began.")
    addresses: tuple[str, ...]
    failures: tuple[str, ...]


def write(summary: Summary, path: Path) -> None:
    """Write ``summary.json``, whole or not at all."""
    write_private(path, summary.model_dump_json(indent=2) + "\n")
