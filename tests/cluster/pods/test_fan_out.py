"""Eight pods at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from include.steps.call import read_result
from include.store.open import open_store

if TYPE_CHECKING:
    from tests.cluster.pods.conftest import Pods

COUNT, WORK_SECONDS, CORES = 8, 5, 2
BUSY = f"""
until = time.process_time() + {WORK_SECONDS}
while time.process_time() < until:
    sum(range(50_000))
message = "pod {{number}}"
"""


@pytest.mark.soak
def test_eight_pods_of_five_seconds_take_at_most_twice_the_ideal(pods: Pods) -> None:
    tasks = [pods.task(BUSY.replace("{number}", str(n)), map_index=n) for n in range(COUNT)]
    pods.task("pass", task_id="warm").once()
    began = time.monotonic()
    with ThreadPoolExecutor(COUNT) as pool:
        uris = list(pool.map(lambda task: task.once(), tasks))
    took = time.monotonic() - began
    messages = {read_result(open_store(), uri).message for uri in uris}
    assert messages == {f"pod {n}" for n in range(COUNT)}
    ideal = COUNT * WORK_SECONDS / CORES
    print(f"{COUNT} pods of {WORK_SECONDS} s on {CORES} cores: {took:.1f} s, ideal {ideal:.0f} s")
    assert took <= 2 * ideal
