"""What Airflow's DAG processor pays for each DAG file, and for reading the compiled specs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DAGS = Path(__file__).parents[3] / "dags"
MOST_MS, GENEROUS_MS = 100, 300
# What is measured comes after everything that any DAG file of anybody pays: airflow.sdk.
PROBE = """
import json, sys, time
from airflow.sdk import (DAG, Asset, BaseBranchOperator, BaseHook, BaseNotifier, BaseOperator,
    BaseOperatorLink, BaseSensorOperator, CronDataIntervalTimetable, ExceptionRetryPolicy, Param,
    TriggerRule, chain)
sys.path.insert(0, sys.argv[1])
cpu, wall = time.process_time(), time.perf_counter()
__import__(sys.argv[2])
print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
"""
READ = """
import json, sys, time
from pathlib import Path
from include.spec.shelf import shelf
folder = Path(sys.argv[1]) / "compiled"
cpu, wall = time.process_time(), time.perf_counter()
found = shelf(folder, "embedded")
assert found.specs and not found.problems, found.problems
print(json.dumps([(time.process_time() - cpu) / len(found.specs),
                  (time.perf_counter() - wall) / len(found.specs)]))
"""


def measured(home: Path, runs: int, code: str, *arguments: str) -> dict[str, float]:
    """Return medians over processes of their own, in milliseconds."""
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "AIRWORTHY"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    }
    taken = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code, str(DAGS), *arguments],
                env=environ, cwd=home, capture_output=True, text=True, timeout=60, check=True,
            ).stdout.splitlines()[-1]
        )
        for _ in range(runs)
    ]  # fmt: skip
    cpu, wall = (statistics.median(column) * 1000 for column in zip(*taken, strict=True))
    return {"CPU, ms": cpu, "wall, ms": wall}


@pytest.mark.parametrize("module", sorted(path.stem for path in DAGS.glob("[!_]*.py")))
def test_a_dag_file_is_parsed_quickly(
    tmp_path: Path,
    module: str,
    is_slice: bool,
    rounds: Callable[..., int],
    record: Callable[..., None],
) -> None:
    runs = rounds(full=5, slice=2)
    seen = measured(tmp_path, runs, PROBE, module)
    record(f"parse-{module}", counts={"runs": runs}, figures=seen)
    # CPU time: on a busy machine wall time measures the others.
    assert seen["CPU, ms"] <= (GENEROUS_MS if is_slice else MOST_MS)


def test_compiled_specs_are_read_quickly(
    tmp_path: Path, is_slice: bool, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    runs = rounds(full=5, slice=2)
    seen = measured(tmp_path, runs, READ)
    record("read-compiled-spec", counts={"runs": runs}, figures=seen)
    assert seen["CPU, ms"] <= (GENEROUS_MS if is_slice else MOST_MS)
