"""What became of bad rows: read from the results that a run's record points at."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

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
    """Return how many rows each rule refused, most first."""
    counts = Counter(rule for rule, _ in _refusals(validated))
    return tuple(RuleCount(rule=rule, rows=number) for rule, number in counts.most_common())


def rows(validated: StepResult | None) -> int:
    """Return how many rows broke a rule."""
    return len({row for _, row in _refusals(validated)})


def _refusals(validated: StepResult | None) -> set[tuple[str, str]]:
    if validated is None:
        return set()
    text = open_store().read(validated.artifact("violations").uri).decode()
    return {(str(one["rule"]), str(one["row"])) for one in map(json.loads, text.splitlines())}
