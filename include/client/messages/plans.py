"""The frozen plan of a rollout, and what was seen of each of its stages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from include.client.messages.base import Message
from include.spec.release import Signals
from include.spec.serving import Serving
from include.verdict import Verdict


class PlannedStage(Message):
    """One stage: who gets how much, and what it takes to leave it."""

    kind: Literal["shadow", "canary"]
    percent: int = Field(
        description="Of the requests: mirrored to the candidate (`shadow`), or answered by it."
    )
    min_requests: int = Field(description="Fewest requests that have to reach the candidate.")
    min_seconds: float
    deadline_seconds: float


class ReleasePlan(Message):
    """What a rollout does from its first to its last stage; frozen by its digest."""

    kind: Literal["first", "canary", "rollback"] = Field(
        description="`first`: nothing is live; `rollback`: back to a version that was live."
    )
    task: Literal["classification", "regression"]
    stages: tuple[PlannedStage, ...]
    signals: Signals
    false_alarms: float = Field(description="Largest probability of a wrong rollback, in all.")
    undecided_roles: tuple[str, ...] = Field(description="Who is asked without a verdict.")
    undecided_seconds: float = Field(description="No answer by then rolls back.")
    newer_version: Literal["queue", "supersede"]
    serving: Serving = Field(default=Serving(), description="Sizes of the candidate's servers.")


class SignalSeen(Message):
    """What one signal says, in words and numbers."""

    name: Literal["errors", "latency", "quality", "distribution", "agreement", "split"]
    verdict: Verdict
    words: str = Field(description="For people: `no harm seen; 412 of 500 requests`.")
    value: float | None = Field(default=None, description="Candidate minus stable, or its share.")
    lower: float | None = None
    upper: float | None = None
    limit: float | None = None
    samples: int = Field(description="Of the candidate.")
    needed: int = Field(description="Fewest of the candidate for a verdict.")


class StageSeen(Message):
    """What a look at a stage showed."""

    verdict: Verdict
    words: str = Field(description="The verdict in one line.")
    signals: tuple[SignalSeen, ...]
    seconds: float = Field(description="How long the stage has been watched.")
    candidate_requests: int
    stable_requests: int
    observed_percent: float | None = Field(
        default=None, description="Share of the requests that reached the candidate."
    )


class StageState(StrEnum):
    """Where a stage stands; the last four end it."""

    APPLIED = "applied"
    OBSERVED = "observed"
    UNDECIDED = "undecided"
    EXTENDED = "extended"
    PASSED = "passed"
    ACCEPTED = "accepted"
    FAILED = "failed"
    ABANDONED = "abandoned"


class StageRecord(Message):
    """What became of one stage of a rollout.

    Applied (the split is wanted), observed (it is there), undecided (people are asked), extended
    (they let it be watched once more), then passed by evidence, accepted by people, failed, or
    abandoned with its rollout.
    """

    index: int
    state: StageState
    revision: int = Field(description="Revision of the endpoint under which it is watched.")
    began_at: datetime
    ended_at: datetime | None = None
    seen: StageSeen | None = Field(default=None, description="The latest look.")
    decision_id: str = ""
    reason: str = ""


class MoveStage(Message):
    """Move one stage of a rollout. The same move again changes nothing and answers the same."""

    state: StageState
    fencing_token: int
    reason: str
    seen: StageSeen | None = None
    decision_id: str = Field(
        default="", description="Answered decision, for `extended`, `accepted` and `failed` by it."
    )


class LookAtStage(Message):
    """The latest look at a stage, for people to see; not a change and not audited."""

    fencing_token: int
    seen: StageSeen


class RequestRollback(Message):
    """A person wants the previous version back; before the promotion this stops the rollout."""

    reason: str = Field(min_length=3)
    live_version: str = Field(description="The live version that the person saw.")


class RollbackRequest(Message):
    """A person's wish to go back, until a release has carried it out.

    Of kind ``stop`` where the candidate was not promoted yet: then its rollout is asked to stop,
    and the live version stays. Of kind ``rollback`` where the live version itself has to go.
    """

    id: str
    kind: Literal["stop", "rollback"]
    endpoint: str
    model: str
    version: str = Field(description="Version to go back to; empty where nothing was live.")
    from_version: str = Field(description="Version that has to go.")
    by: str
    reason: str
    at: datetime
    rollout_id: str = Field(default="", description="Rollout that carries it out.")
    closed_at: datetime | None = Field(
        default=None, description="When that rollout ended; ask again where it went wrong."
    )
