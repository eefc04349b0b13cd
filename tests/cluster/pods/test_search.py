"""A real search in the real image, whose pod is taken away in the middle."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from typing import TYPE_CHECKING

from include.embedded.home import home
from include.spec.compiled import from_bytes
from include.spec.compute import Compute, Profile
from include.steps.call import read_result
from include.store.open import open_store
from tests.support import cluster as clusters
from tests.support.cluster import wait_until
from tests.support.product_images import product

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from include.spec.model import CompiledSpec
    from tests.cluster.pods.conftest import Pods

TRIALS, ENOUGH = 12, 3
ENTERS_A_TRIAL = 4
LARGER = Compute(default=Profile(cpu="500m", memory="1Gi", scratch="256Mi"))


def test_a_search_goes_on_with_its_trials_in_another_pod(
    pods: Pods, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRWORTHY_STEPS_IMAGE", product(pods.cluster, "steps-slim"))
    spec, done = begun(pods, tmp_path)
    task = pods.task(task_id="fit", step="fit_candidate", compute=LARGER)
    task.spec = task.spec.model_copy(update={"spec": spec.spec, "digest": spec.digest})
    task.options = {"algorithm": "forest"}
    task.inputs = {"data": done["acquire"], "plan": done["plan"]}
    kept: list[str] = []

    def take_away() -> None:
        wait_until(lambda: len(trials(pods)) >= ENOUGH, 120)
        (pod,) = pods.running()
        at_once = ("--force", "--grace-period=0")
        name = pod["metadata"]["name"]
        pods.cluster.kubectl("delete", "pod", name, "-n", pods.namespace, *at_once)
        kept.extend(trials(pods))

    thread = threading.Thread(target=take_away)
    thread.start()
    result = read_result(open_store(), task.run())
    thread.join()
    assert result.outcome == "fitted"
    assert len(task.errors) == 1
    assert ENOUGH <= len(kept) < TRIALS
    assert trials(pods)[: len(kept)] == kept
    assert len(trials(pods)) == TRIALS


def begun(pods: Pods, folder: Path) -> tuple[CompiledSpec, dict[str, str]]:
    """Acquire and plan as processes of this machine."""
    place = folder / "spec.json"
    environ = {
        **os.environ,
        "AIRWORTHY_HOME": str(folder),
        "AIRWORTHY_STORE": f"file://{pods.store}",
    }
    words = [str(home().steps), "-m", "tests.support.begun_search", str(place), str(TRIALS)]
    run = subprocess.run(
        words, check=True, env=environ, cwd=clusters.ROOT, capture_output=True, text=True
    )
    for found in [pods.store, *pods.store.rglob("*")]:
        found.chmod(0o777 if found.is_dir() else 0o666)
    done = json.loads(run.stdout.strip().splitlines()[-1])
    return from_bytes(place.read_bytes(), str(place)), done


def trials(pods: Pods) -> list[str]:
    """Return the lines of the study's journal that enter a trial."""
    journals = list(pods.store.rglob("*.journal"))
    lines = journals[0].read_text().splitlines() if journals else []
    return [line for line in lines if json.loads(line)["op_code"] == ENTERS_A_TRIAL]
