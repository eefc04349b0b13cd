"""Counting groups of a large window: a million rows, 20 groups, all 8 measures with intervals."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from include.evaluation.fairness.records import Measure
from include.evaluation.fairness.report import Rules, report

pytestmark = pytest.mark.steps

ROWS, GROUPS, SEED, LIMIT = 1_000_000, 20, 3, 2.0


@pytest.mark.timeout(300)
def test_a_million_rows_within_two_seconds(rounds, record) -> None:
    turns = rounds(full=7, slice=1)
    draw = np.random.default_rng(SEED)
    frame = pd.DataFrame({"group": draw.integers(0, GROUPS, ROWS)})
    actual, selected = draw.random(ROWS) < 0.3, draw.random(ROWS) < 0.4
    cpu, wall = [], []
    for _ in range(turns):
        began, spent = time.perf_counter(), time.process_time()
        found = report(frame, actual, selected, Rules(0.95, 30))
        cpu.append(time.process_time() - spent)
        wall.append(time.perf_counter() - began)
    record(
        "fairness-cost",
        seed=SEED,
        counts={"turns": turns, "rows": ROWS, "groups": GROUPS, "measures": len(Measure)},
        figures={
            "median CPU seconds": float(np.median(cpu)),
            "most CPU seconds": max(cpu),
            "median seconds on this machine": float(np.median(wall)),
        },
    )
    assert len(found.groups) == GROUPS
    assert sum(group.rows for group in found.groups) == ROWS
    assert all(len(group.rates) == len(Measure) for group in found.groups)
    # CPU is judged: the clock also shows what else the machine does.
    assert float(np.median(cpu)) <= LIMIT
