"""What became of bad rows: read from the results that a run's record points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.data.report import ValidationReport
from include.embedded.demo.summary import RuleCount
from include.steps import call as calls
from include.store.open import open_store

if TYPE_CHECKING:
    from include.client.messages.runs import RunRecord
    from include.steps.contract import StepResult


def result(record: RunRecord, step: str) -> StepResult | None:
    """Return what a step of a run said, or ``None`` where the run never got to it."""
    uri = record.results.get(step)
    return calls.read_result(open_store(), uri) if uri else None


def rules(validated: StepResult | None) -> tuple[RuleCount, ...]:
    """Return how many rows each rule refused, most first; of no validation, none."""
    if validated is None:
        return ()
    found = _report(validated).rules
    return tuple(RuleCount(rule=one.rule, rows=one.rows, example=one.example) for one in found)


def rows(validated: StepResult) -> int:
    """Return how many rows broke a rule."""
    return _report(validated).bad_rows


def _report(validated: StepResult) -> ValidationReport:
    text = open_store().read(validated.artifact("report").uri)
    return ValidationReport.model_validate_json(text)
