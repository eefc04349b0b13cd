"""Eight pods at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from include.steps.call import read_result
from include.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cluster.pods.conftest import Pods

COUNT, WORK_SECONDS, CORES = 8, 5, 2
BUSY = f"""
until = time.process_time() + {WORK_SECONDS}
while time.process_time() < until:
    sum(range(50_000))
message = "pod {{number}}"
"""


IDEAL = COUNT * WORK_SECONDS / CORES


def fanned_out(pods: Pods) -> float:
    """Run them all, check what each one did, and return the seconds that this took."""
    tasks = [pods.task(BUSY.replace("{number}", str(n)), map_index=n) for n in range(COUNT)]
    pods.task("pass", task_id="warm").once()
    began = time.monotonic()
    with ThreadPoolExecutor(COUNT) as pool:
        uris = list(pool.map(lambda task: task.once(), tasks))
    took = time.monotonic() - began
    messages = {read_result(open_store(), uri).message for uri in uris}
    assert messages == {f"pod {n}" for n in range(COUNT)}
    return took


def test_eight_pods_run_side_by_side(pods: Pods) -> None:
    # One after another, each with its start, they take longer.
    assert fanned_out(pods) <= 3 * IDEAL


@pytest.mark.soak
def test_eight_pods_of_five_seconds_take_at_most_twice_the_ideal(
    pods: Pods, record: Callable[..., None]
) -> None:
    took = fanned_out(pods)
    figures = {"seconds": took, "ideal": IDEAL, "ratio": took / IDEAL}
    record("pods-fan-out", counts={"pods": COUNT}, figures=figures)
    assert took <= 2 * IDEAL
