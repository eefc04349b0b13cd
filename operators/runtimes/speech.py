"""The structured lines of a step, as a person reads them in Airflow's log."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from pydantic import ValidationError

from include.steps.contract import StepFailure

LEVELS = {"debug": logging.DEBUG, "warning": logging.WARNING, "error": logging.ERROR,
          "critical": logging.CRITICAL}  # fmt: skip
QUIET = frozenset({"event", "level", "timestamp", "logger", "run", "model", "step", "task", "dag"})


@dataclass(frozen=True)
class Utterance:
    """One line for the log."""

    level: int
    text: str


def heard(line: str) -> Utterance:
    """Return a step's line for people; what is no structured line stays as it is."""
    try:
        said = json.loads(line)
    except ValueError:
        return Utterance(logging.INFO, line)
    if not isinstance(said, dict) or "event" not in said:
        return Utterance(logging.INFO, line)
    facts = " ".join(f"{k}={_short(v)}" for k, v in said.items() if k not in QUIET)
    level = LEVELS.get(str(said.get("level", "info")), logging.INFO)
    return Utterance(level, f"{said['event']} {facts}".rstrip())


def failure_said(line: str) -> StepFailure | None:
    """Return the failure that a step's line tells; None for every other line."""
    if '"step_failed"' not in line:
        return None
    try:
        return StepFailure.model_validate_json(line)
    except ValidationError:
        return None


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
