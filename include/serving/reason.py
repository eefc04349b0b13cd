"""Why a model server ended, from the last line of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from include.serving.process import last_line
from include.steps.contract import StepFailure

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 300


def why(log: Path) -> str:
    """Return the reason that a server gave in a ``step_failed`` line, else its last line."""
    line = last_line(log)
    if not line:
        return "it wrote nothing"
    try:
        failure = StepFailure.model_validate_json(line)
    except ValidationError:
        return line[:_LONGEST]
    told = f"{failure.where}: {failure.what}" if failure.where else failure.what
    return f"{told}{f' (got {failure.value})' if failure.value else ''}"[:_LONGEST]
