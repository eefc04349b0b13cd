"""How a pod ended, from descriptions like those that a real cluster gave."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from include.pods.ending import (
    CONFIG_SECONDS,
    GOING_SECONDS,
    PULL_SECONDS,
    Cause,
    PodEnding,
    Waited,
    ending,
    gone,
)

if TYPE_CHECKING:
    from tests.unit.pods.conftest import Described

FRESH = Waited(1, 300)
LONG = Waited(301, 300)
EVICTED = {
    "conditions": [
        {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
         "message": "Eviction API: evicting"}
    ]
}  # fmt: skip


@pytest.mark.parametrize("code", [0, 10, 20, 30, 1, 137, 143])
def test_a_step_that_ran_to_an_end_has_its_code_and_last_words(
    described: Described, code: int
) -> None:
    pod = described.over(code, message="last words")
    assert ending(pod, FRESH) == PodEnding(Cause.EXITED, code, "last words")


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("OOMKilled", "", Cause.MEMORY),
        ("StartError", "failed to create: exec: python: not found", Cause.UNFIT),
        ("Error", "exec /opt/python: exec format error", Cause.UNFIT),
    ],
)
def test_what_a_container_died_of(
    described: Described, reason: str, message: str, cause: Cause
) -> None:
    found = ending(described.over(137, reason=reason, message=message), FRESH)
    assert found is not None
    assert found.cause is cause


@pytest.mark.parametrize("code", [0, 10, 20, 30])
def test_a_typed_end_counts_even_where_the_pod_was_to_go(described: Described, code: int) -> None:
    pod = described.over(code, going="2026-01-01T00:10:00Z", **EVICTED)
    assert ending(pod, FRESH) == PodEnding(Cause.EXITED, code, "")


def test_a_step_that_was_told_to_go_has_not_crashed(described: Described) -> None:
    pod = described.over(143, going="2026-01-01T00:10:00Z", **EVICTED)
    assert ending(pod, FRESH) == PodEnding(
        Cause.EVICTED, message="EvictionByEvictionAPI: Eviction API: evicting"
    )
    pod = described.over(137, going="2026-01-01T00:10:00Z")
    assert ending(pod, FRESH) == PodEnding(Cause.GONE)


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("DeadlineExceeded", "Pod was active on the node longer than", Cause.DEADLINE),
        ("Evicted", 'Usage of EmptyDir volume "scratch" exceeds the limit "16Mi". ', Cause.SCRATCH),
        ("Evicted", "Pod ephemeral local storage usage exceeds the total limit", Cause.SCRATCH),
        ("Evicted", "The node was low on resource: memory.", Cause.EVICTED),
        ("NodeLost", "Node was lost", Cause.EVICTED),
        ("OutOfmemory", "Pod was rejected: not enough memory", Cause.EVICTED),
    ],
)
def test_what_a_pod_failed_of(
    described: Described, reason: str, message: str, cause: Cause
) -> None:
    for pod in (
        described.pod("Failed", reason=reason, message=message),
        described.over(137, **{"reason": "Error"}).model_copy(
            update={"status": described.pod("Failed", reason=reason, message=message).status}
        ),
    ):
        found = ending(pod, FRESH)
        assert found is not None
        assert found.cause is cause


def test_while_it_runs_it_has_no_end(described: Described) -> None:
    assert ending(described.pod("Running", {"running": {}}), LONG) is None


@pytest.mark.parametrize(
    ("reason", "cause", "patience"),
    [
        ("InvalidImageName", Cause.UNFIT, 0),
        ("ErrImageNeverPull", Cause.UNFIT, 0),
        ("ErrImagePull", Cause.PULL, PULL_SECONDS),
        ("ImagePullBackOff", Cause.PULL, PULL_SECONDS),
        ("CreateContainerConfigError", Cause.CONFIG, CONFIG_SECONDS),
        ("RunContainerError", Cause.UNFIT, CONFIG_SECONDS),
        ("ContainerCreating", Cause.STUCK, 300),
    ],
)
def test_what_cannot_begin_is_given_its_time(
    described: Described, reason: str, cause: Cause, patience: float
) -> None:
    pod = described.waiting(reason, "why")
    if patience:
        assert ending(pod, Waited(patience - 1, 300)) is None
    assert ending(pod, Waited(patience + 1, 300)) == PodEnding(cause, message=f"{reason}: why")


def test_a_pod_for_which_no_node_has_room_says_so(described: Described) -> None:
    message = "0/1 nodes are available: 1 Insufficient memory."
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    pod = described.pod("Pending", conditions=[{**condition, "message": message}])
    assert ending(pod, FRESH) is None
    assert ending(pod, LONG) == PodEnding(Cause.STUCK, message=f"Unschedulable: {message}")


def test_a_pod_on_a_node_that_is_silent_is_given_up(described: Described) -> None:
    pod = described.pod("Running", {"running": {}}, going="2026-01-01T00:10:00Z", **EVICTED)
    assert ending(pod, FRESH) is None
    found = ending(pod, Waited(500, 300, GOING_SECONDS + 1))
    assert found is not None
    assert found.cause is Cause.EVICTED


def test_a_pod_that_is_no_longer_there(described: Described) -> None:
    assert gone(None) == PodEnding(Cause.GONE)
    assert gone(described.pod("Running", {"running": {}})) == PodEnding(Cause.GONE)
    assert gone(described.pod("Running", {"running": {}}, **EVICTED)).cause is Cause.EVICTED


def test_an_ending_survives_json() -> None:
    end = PodEnding(Cause.EXITED, 30, "words")
    assert PodEnding.from_json(json.loads(json.dumps(end.to_json()))) == end
