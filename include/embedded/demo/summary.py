"""What a demo leaves behind: ``demo/summary.json`` and the table at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from include.embedded.credentials import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    alerts: tuple[AlertTold, ...] = ()


class ReleaseTold(Told):
    """One release."""

    version: str
    run_id: str = Field(description="Empty when the version was live before this demo.")
    state: str
    reason: str
    is_first_release: bool
    answered_by: str = Field(description="Who answered the first-release decision; empty if none.")
    answer_reason: str


class AnswerTold(Told):
    """A prediction that the live endpoint gave."""

    url: str
    client: Literal["curl", "httpx"]
    outputs: dict[str, tuple[float | int | str | bool | None, ...]]
    milliseconds: float


class Summary(Told):
    """The whole demo."""

    format: int = 1
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
    addresses: tuple[str, ...]
    failures: tuple[str, ...]


def write(summary: Summary, path: Path) -> None:
    """Write ``summary.json``, whole or not at all."""
    write_private(path, summary.model_dump_json(indent=2) + "\n")


def table(summary: Summary) -> Iterator[str]:
    """Yield the lines that people read at the end."""
    yield ""
    yield "phase" + " " * 39 + "seconds"
    for phase in summary.phases:
        yield f"  {phase.name:<40} {phase.seconds:8.1f}"
    yield f"  {'all of it':<40} {summary.seconds:8.1f}"
    yield ""
    for run in summary.trainings:
        outcome = f"version {run.version}" if run.version else run.state
        yield f"  {run.partition:<18} data {run.data_verdict:<11} -> {outcome}"
        if run.quarantined:
            rules = ", ".join(f"{one.rule} {one.rows}" for one in run.rules)
            yield f"{'':<20} {run.quarantined} rows quarantined: {rules}"
        yield f"{'':<20} {run.reason}"
        for alert in run.alerts:
            yield f"{'':<20} alert: {alert.title} [{'; '.join(alert.deliveries)}]"
    for release in summary.releases:
        by = f", approved by {release.answered_by}" if release.answered_by else ""
        yield f"  release {release.version:<10} {release.state}{by}: {release.reason}"
    if summary.prediction:
        yield f"  prediction {dict(summary.prediction.outputs)} ({summary.prediction.client})"
    for failure in summary.failures:
        yield f"  FAILED: {failure}"
