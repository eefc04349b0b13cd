"""A step as a pod: its result, its log, its labels, and what it may do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from include.steps.call import read_result
from include.store.open import open_store
from tests.support.cluster import wait_until

if TYPE_CHECKING:
    import pytest

    from tests.cluster.pods.conftest import Pods

OVERHEAD_SECONDS = 4.0
NOSY = """
import pathlib
found = {}
for name in ("/opt/airworthy/x", "/etc/x", "/x"):
    try:
        pathlib.Path(name).write_text("x")
        found[name] = "written"
    except OSError as error:
        found[name] = error.strerror
token = pathlib.Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
import os
message = f"{sorted(set(found.values()))} token {token.exists()} uid {os.getuid()}"
"""


def test_a_step_is_a_pod_and_its_result_lies_in_the_store(pods: Pods) -> None:
    began = time.monotonic()
    uri = pods.task("time.sleep(2)").once()
    took = time.monotonic() - began
    result = read_result(open_store(), uri)
    assert (result.outcome, result.step) == ("done", "scripted")
    print(f"overhead of a pod over its work: {took - result.seconds:.1f} s")
    assert took - result.seconds <= OVERHEAD_SECONDS
    wait_until(lambda: not pods.names(), 5)


def test_its_lines_are_told_while_it_runs(pods: Pods, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        pods.task('say("trial", number=1)\ntime.sleep(5)\nsay("trial", number=2)').once()
    told = [(r.created, r.getMessage()) for r in caplog.records if "trial module" in r.getMessage()]
    assert ["number=1" in told[0][1], "number=2" in told[1][1]] == [True, True]
    assert len(told) == 2
    assert told[1][0] - told[0][0] > 2


def test_a_second_pod_of_the_same_call_finds_the_result(pods: Pods) -> None:
    task = pods.task("time.sleep(1)")
    first = task.once()
    began = read_result(open_store(), first).started_at
    assert task.once() == first
    assert read_result(open_store(), first).started_at == began


def test_a_step_may_write_to_its_scratch_alone_and_has_no_token(pods: Pods) -> None:
    result = read_result(open_store(), pods.task(NOSY).once())
    assert result.message == "['Read-only file system'] token False uid 65532"


def test_people_find_a_pod_by_its_labels(pods: Pods) -> None:
    task = pods.task("time.sleep(9)", map_index=3)
    task.launch()
    wanted = {
        "model": "mortgage_approval",
        "dag": "mortgage_approval_train",
        "task": "fit",
        "map-index": "3",
        "try": "1",
        "step": "scripted",
        "spec": task.spec.digest[:32],
    }
    chosen = ",".join(f"airworthy.dev/{name}={value}" for name, value in wanted.items())
    (pod,) = pods.cluster.read("pods", "-n", pods.namespace, "-l", chosen)["items"]
    assert pod["metadata"]["annotations"]["airworthy.dev/run-id"] == task.ti.run_id
    assert pod["metadata"]["name"].startswith("mortgage-approval-fit-3-")
