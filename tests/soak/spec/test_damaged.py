"""Damaged specs: each compiles or says file, line and column, and nothing else ever happens."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.support.spec_bundle import Bundle
from tests.support.spec_damage import INDENTS, LINES, PLACES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEED = 20260301


@pytest.mark.timeout(3600)
def test_a_damaged_line_never_surprises(
    tmp_path: Path, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    bundle = Bundle(tmp_path / "dags")
    outcomes: Counter[bool] = Counter()
    examples = rounds(full=10_000, slice=300)

    @seed(SEED)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(where=PLACES, indent=INDENTS, line=LINES)
    def damage(where: int, indent: str, line: str) -> None:
        outcomes[bundle.is_fine_or_placed(where, indent + line)] += 1

    cpu = time.process_time()
    damage()
    counts = {"specs": outcomes.total(), "valid": outcomes[True], "refused": outcomes[False]}
    cost = (time.process_time() - cpu) * 1000 / outcomes.total()
    figures = {"other exceptions": 0, "problems without a place": 0, "CPU a spec, ms": cost}
    record("damaged-specs", seed=SEED, counts=counts, figures=figures)
    # Hypothesis stops before its number only where it has seen every example there is.
    assert outcomes.total() >= examples
