"""Questions to people, and their answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from include.client.messages.base import Message, RunRef


class DecisionState(StrEnum):
    """Where a decision stands."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"


class OpenDecision(Message):
    """Ask people. Idempotent by (kind, subject_digest, run)."""

    kind: Literal["first_release", "gate_override", "stage"]
    title: str
    body: str
    subject: str = Field(description="What it is about, for example `mortgage_approval 1.0.0`.")
    subject_digest: str = Field(description="Digest that the answer is bound to.")
    options: tuple[str, ...]
    default: str = Field(description="What no answer by the deadline means; never the yes.")
    roles: tuple[str, ...]
    deadline_seconds: float
    asked_by: str = Field(
        default="",
        description="Person for whom it is asked, as the run claims; somebody else has to answer.",
    )
    run: RunRef


class Decision(Message):
    """A question to people, and its answer."""

    id: str
    kind: str
    title: str
    body: str
    subject: str
    subject_digest: str
    options: tuple[str, ...]
    default: str
    roles: tuple[str, ...]
    state: DecisionState
    opened_at: datetime
    opened_by: str
    asked_by: str = ""
    deadline: datetime
    extensions: int = 0
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    reason: str = ""
    run: RunRef


class AnswerDecision(Message):
    """A person's answer, bound to the digest that the person saw."""

    answer: str
    reason: str = Field(min_length=3)
    subject_digest: str


class ExtendDecision(Message):
    """Move the deadline, once."""

    seconds: float = Field(gt=0)
    reason: str = Field(min_length=3)
