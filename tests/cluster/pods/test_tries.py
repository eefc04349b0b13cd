"""What is tried again, with what, and what never is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput, Rejected, StepBadInput, StepCrashed
from include.spec.compute import Compute, Profile
from include.steps.call import read_result
from include.store.open import open_store
from tests.support.cluster import wait_until

if TYPE_CHECKING:
    from tests.cluster.pods.conftest import Pods

HUNGRY = """
kept = b"x" * {megabytes}_000_000
message = f"{len(kept)}"
"""
# Counts to three over as many tries as it takes, as a search counts its trials.
COUNTING = """
place = f"{context.root}/studies/counted"
done = int(context.store.read(place)) if context.store.exists(place) else 0
for number in range(done, 3):
    say("trial", number=number, begun_with=done)
    time.sleep(2)
    context.store.write(place, str(number + 1).encode())
message = f"began with {done}"
"""


def test_out_of_memory_is_tried_once_more_with_more(pods: Pods) -> None:
    task = pods.task(HUNGRY.replace("{megabytes}", "200"))
    result = read_result(open_store(), task.run())
    assert result.message == "200000000"
    (error,) = task.errors
    assert "out of memory: it needs more than 160Mi" in str(error)
    assert "once more with 320Mi" in str(error)
    assert pods.names() == []


def test_out_of_memory_a_second_time_is_the_end(pods: Pods) -> None:
    compute = Compute(default=Profile(cpu="50m", memory="64Mi", scratch="64Mi"), memory_factor=1.5)
    task = pods.task(HUNGRY.replace("{megabytes}", "300"), compute=compute)
    with pytest.raises(BadInput, match=r"more than 96Mi\. Give it more in the spec's `compute`"):
        task.run()
    assert task.ti.try_number == 2
    assert pods.names() == []


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        ("from include.errors import Rejected\nraise Rejected('too few rows')",
         Rejected, "step scripted: too few rows"),
        ("from include.errors import BadInput\nraise BadInput('no such column', remedy='Ask')",
         StepBadInput, r"step scripted: no such column\. Ask"),
    ],
)  # fmt: skip
def test_a_rule_that_says_no_and_bad_input_are_never_tried_again(
    pods: Pods, script: str, kind: type[Exception], said: str
) -> None:
    task = pods.task(script)
    with pytest.raises(kind, match=said):
        task.run()
    assert task.ti.try_number == 1
    assert pods.names() == []


def test_a_drained_node_costs_a_try_and_not_the_trials(pods: Pods) -> None:
    task = pods.task(COUNTING, pause=1)
    node = ""

    def drain() -> None:
        nonlocal node
        counted = pods.store / "studies" / "counted"
        wait_until(counted.exists, 60)
        (pod,) = pods.running()
        node = pod["spec"]["nodeName"]
        pods.cluster.kubectl("cordon", node)
        evict(pods, pod["metadata"]["name"])

    def put_back(_: int) -> None:
        pods.cluster.kubectl("uncordon", node)

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        result = read_result(open_store(), task.run(between=put_back))
    finally:
        thread.join()
        pods.cluster.kubectl("uncordon", node)
    (error,) = task.errors
    assert isinstance(error, StepCrashed)
    assert "the pod was taken from its node (got 'EvictionByEvictionAPI" in str(error)
    assert result.message != "began with 0"


def evict(pods: Pods, name: str) -> None:
    import json

    wish = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": pods.namespace},
    }
    path = f"/api/v1/namespaces/{pods.namespace}/pods/{name}/eviction"
    pods.cluster.kubectl("create", "--raw", path, "-f", "-", text=json.dumps(wish))


def test_a_pod_that_somebody_removes_is_made_again(pods: Pods) -> None:
    task = pods.task(COUNTING)

    def remove() -> None:
        (pod,) = wait_until(pods.running, 60)
        pods.cluster.kubectl("delete", "pod", pod["metadata"]["name"], "-n", pods.namespace)

    thread = threading.Thread(target=remove)
    thread.start()
    result = read_result(open_store(), task.run())
    thread.join()
    assert result.outcome == "done"
    assert ["somebody removed the pod" in str(error) for error in task.errors] == [True]
