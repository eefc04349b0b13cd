"""Runs of our DAGs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from include.client.messages.base import Message, RunRef


class RunState(StrEnum):
    """How a run of one of our DAGs stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    REFUSED = "refused"
    FAILED = "failed"


class ReportRun(Message):
    """Create or update the record of a run. Idempotent by (dag_id, run_id)."""

    run: RunRef
    model: str
    kind: Literal["train", "release"]
    partition: str
    state: RunState
    reason: str = ""
    version: str = ""
    results: dict[str, str] = Field(default_factory=dict, description="Result URI of each step.")


class RunRecord(Message):
    """What is known of a run."""

    run: RunRef
    model: str
    kind: str
    partition: str
    state: RunState
    reason: str
    version: str
    results: dict[str, str]
    updated_at: datetime
