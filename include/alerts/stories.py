"""What the alerts of our DAGs say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from include import digest
from include.client.messages.alerts import RaiseAlert

if TYPE_CHECKING:
    from include.client.messages.base import RunRef

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True)
class Story:
    """An alert before it has a place: what happened, and how bad it is."""

    kind: str
    severity: Severity
    title: str
    body: str


def stopped(title: str, partition: str, message: str, findings: tuple[str, ...]) -> Story:
    """Return the alert of a run that its data stopped."""
    # The message is the first finding and a count; with the findings at hand it says nothing more.
    lines = tuple(f"• {finding}" for finding in findings) or (message,)
    return Story("stopped", "critical", f"{title}: data of {partition} refused", "\n".join(lines))


def refused(title: str, message: str, gates: tuple[str, ...]) -> Story:
    """Return the alert of a candidate that the gates, and nobody after them, let through."""
    lines = (message, *(f"• {gate}" for gate in gates))
    return Story("refused", "warning", f"{title}: candidate refused by its gates", "\n".join(lines))


def rolled_back(title: str, live: str, reason: str, evidence: tuple[str, ...]) -> Story:
    """Return the alert of a candidate that failed while it had traffic, or was mirrored.

    Args:
        title: The model and its candidate.
        live: The version that answers again; empty for none.
        reason: The stage and why it failed.
        evidence: What was seen, a line for each signal.
    """
    back = f"{live} has all the traffic again" if live else "nothing is live"
    lines = (reason, *(f"• {line}" for line in evidence), back)
    return Story("rolled_back", "critical", f"{title}: rolled back", "\n".join(lines))


def reclaimed(model: str, rollout: str, version: str, live: str) -> Story:
    """Return the alert of an endpoint that housekeeping took from a release that died."""
    now = f"{live} has all the traffic" if live else "nothing is live"
    body = f"The run of {version}'s release is over and did not settle its endpoint; {now}"
    return Story(f"reclaimed {rollout}", "critical", f"{model}: taken from a dead release", body)


def broken(model: str, task_id: str, error: str) -> Story:
    """Return the alert of a task that failed for good."""
    return Story("broken", "critical", f"{model}: task {task_id} failed", error)


def addressed(story: Story, model: str, run: RunRef, link: str) -> RaiseAlert:
    """Return the story as a message to the control plane.

    The fingerprint leaves the try out, so that a retried or cleared task tells its story once.
    """
    fingerprint = digest.of_json([story.kind, model, run.dag_id, run.run_id, run.task_id])
    return RaiseAlert(
        fingerprint=fingerprint,
        severity=story.severity,
        title=story.title,
        body=story.body,
        model=model,
        link=link,
        run=run,
    )
