"""Steps as processes of their own: what a kill leaves, and whether their code is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from include.spec import compiled
from include.steps import code
from include.steps.call import prepare, read_result
from include.steps.code import code_digest
from include.store.fsspec_store import FsspecStore

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[3]
STEP = """
import os, signal
from include.steps import code, run
def work(context):
    artifact = context.write_artifact("half", "half.txt", b"half")
    if os.environ.get("KILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    return run.StepOutcome(outcome="whole", message="Whole", artifacts=(artifact,))
if __name__ == "__main__":
    run.main("killed", work)
"""


def test_code_digest_is_the_same_elsewhere_and_cheap() -> None:
    import time

    began = time.perf_counter()
    mine = code_digest()
    assert time.perf_counter() - began < 0.5
    code = "from include.steps.code import code_digest; print(code_digest())"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == mine


def test_every_part_of_the_code_digest_is_there() -> None:
    assert [part for part in code.PARTS if not (ROOT / "include" / part).exists()] == []


def test_killed_step_leaves_no_result_and_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/store/")
    file = ROOT / "dags/compiled/bike_demand.json"
    spec, store = compiled.from_bytes(file.read_bytes(), str(file)), FsspecStore()
    module = tmp_path / "killed.py"
    module.write_text(STEP)
    call = prepare("killed", spec, {}, {}, store)
    command = [sys.executable, str(module), *call.argv("python")[3:]]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = subprocess.run(command, env=environment | {"KILL": "1"}, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not store.exists(call.output)
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    assert read_result(store, call.output).outcome == "whole"
