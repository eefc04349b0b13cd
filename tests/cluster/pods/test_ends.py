"""Who ends a pod, and who does not: people, the triggerer, a worker that is lost."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from airflow.sdk.exceptions import TaskDeferred

from tests.support.cluster import wait_until
from tests.support.pod_tasks import event_of, revived

if TYPE_CHECKING:
    from typing import Any

    from tests.cluster.pods.conftest import Pods


async def cancelled(trigger: Any, seconds: float, *, by_a_person: bool) -> None:
    """End a trigger as the triggerer does: by a person's wish, or because it goes away itself."""
    running = asyncio.create_task(event_of(trigger))
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if by_a_person:
        await trigger.on_kill()
    await trigger.cleanup()


def test_a_task_that_a_person_ends_takes_its_pod_with_it(pods: Pods) -> None:
    deferred = pods.task("time.sleep(60)").launch()
    wait_until(pods.running, 60)
    began = time.monotonic()
    asyncio.run(cancelled(revived(deferred.trigger), 1, by_a_person=True))
    wait_until(lambda: not pods.names(), 20)
    # A step that does not listen to a polite end would take the whole grace of 10 s.
    assert time.monotonic() - began < 9


def test_a_task_that_is_ended_before_it_was_deferred_leaves_no_pod(pods: Pods) -> None:
    task = pods.task("time.sleep(60)")
    operator = task.operator()
    with pytest.raises(TaskDeferred):
        operator.execute(task.context())
    assert len(pods.names()) == 1
    operator.on_kill()
    wait_until(lambda: not pods.names(), 20)


def test_a_restart_of_the_triggerer_leaves_the_pod_alone(pods: Pods) -> None:
    task = pods.task("time.sleep(6)\nmessage = 'went on'")
    deferred = task.launch()
    wait_until(pods.running, 60)
    (before,) = pods.names()
    asyncio.run(cancelled(revived(deferred.trigger), 1, by_a_person=False))
    assert pods.names() == [before]
    event = asyncio.run(event_of(revived(deferred.trigger)))
    assert event["pod"] == before
    assert task.resume(event)
    assert pods.names() == []


def test_the_try_after_a_lost_worker_goes_on_with_its_pod(pods: Pods) -> None:
    task = pods.task("time.sleep(6)")
    task.launch()
    (before,) = pods.names()
    task.ti.try_number = 2
    assert task.once()
    assert before not in pods.names()
    task.remembered.delete("pod_identifier")
    other = pods.task("time.sleep(5)", task_id="other")
    other.launch()
    other.remembered.delete("pod_identifier")
    other.ti.try_number = 2
    other.launch()
    assert len(pods.names()) == 1
