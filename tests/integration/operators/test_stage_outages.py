"""Whole releases through trouble: crashes, what never becomes ready, outages, restarts."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import TaskDeferred

from include.client.messages.plans import StageSeen, StageState
from include.client.messages.rollouts import RolloutState
from include.verdict import Verdict
from sensors.triggers.canary_health import CanaryHealthTrigger
from tests.support.control_plane import free_port
from tests.support.release_run import NEXT, first
from tests.support.release_stories import LONG, dry, flow, rollout, settled, states

if TYPE_CHECKING:
    from include.client.messages.registry import Version


@pytest.mark.parametrize("name", ["split", "health"])
def test_a_candidate_that_crashes_again_and_again_fails_at_once(
    run: Any, live: Version, plane: Any, daemon: Any, name: str
) -> None:
    def crash() -> None:
        conduct = daemon.world.of("1.0.1")
        conduct.health, conduct.crashes = "unhealthy", True
        daemon.world.traffic.requests = 0

    release = run("release_2", patience=LONG)
    release.play({f"stage_25.{name}": crash})
    assert rollout(plane).state is RolloutState.ROLLED_BACK
    assert "v1_0_1 does not stay up: 3 restarts" in release.task.xcoms["settle", "failure"]
    settled(plane, daemon)


def test_a_candidate_that_never_becomes_ready_is_refused(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2", ready_timeout_minutes=0.01)
    release.play({
        "stage_25.split": lambda: setattr(daemon.world.of("1.0.1"), "health", "starting")
    })
    said = release.task.xcoms["settle", "failure"]
    assert "stage_25.split failed" in said
    assert "v1_0_1 starting, 0 % of 25 %" in said
    settled(plane, daemon)


def test_a_split_that_requests_do_not_show_is_refused(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2", ready_timeout_minutes=0.01)
    release.play({"stage_25.split": lambda: setattr(daemon.world.traffic, "strays", 300)})
    said = release.task.xcoms["settle", "failure"]
    assert "split 550 of 1000 requests, 55.0 %" in said
    settled(plane, daemon)


def test_a_sick_stable_version_is_nothing_to_pass_against(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")

    def sicken() -> None:
        daemon.world.of("1.0.0").health = "unhealthy"

    def recover() -> None:
        assert "the stable version v1_0_0 is unhealthy" in rollout(plane).stages[1].seen.words
        daemon.world.of("1.0.0").health = "ready"
        release.answer("extend")

    release.play({"stage_25.health": sicken, "stage_25.answer": recover})
    settled(plane, daemon, "1.0.1")


def test_an_outage_of_the_daemon_is_waited_out(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    def fall() -> None:
        daemon.world.is_down = True
        threading.Timer(1.5, setattr, (daemon.world, "is_down", False)).start()

    release = run("release_2", patience=LONG)
    release.play({"stage_25.health": fall})
    assert states(plane) == [StageState.PASSED] * 3
    settled(plane, daemon, "1.0.1")


def test_an_outage_until_the_deadline_asks_people(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    def up() -> None:
        assert "does not answer" in rollout(plane).stages[1].seen.words or "503" in (
            rollout(plane).stages[1].seen.words
        )
        daemon.world.is_down = False
        release.answer("extend")

    release = run("release_2")
    release.play({
        "stage_25.health": lambda: setattr(daemon.world, "is_down", True),
        "stage_25.answer": up,
    })
    settled(plane, daemon, "1.0.1")


def watching(release: Any) -> dict[str, Any]:
    """Bring a release to the watch of its shadow, and return what Airflow stores of the trigger."""
    release.through(*NEXT[:6], "shadow.apply", "shadow.split")
    release.task.task_id = "shadow.health"
    with pytest.raises(TaskDeferred) as deferred:
        release.dag.get_task("shadow.health").execute(release.context())
    stored: dict[str, Any] = deferred.value.trigger.serialize()[1]
    return stored


def test_a_triggerer_that_starts_again_watches_on(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    stored = watching(run("release_2", patience=LONG))

    async def story() -> Any:
        dry(daemon)()
        killed = asyncio.create_task(first(CanaryHealthTrigger(**stored)))
        await asyncio.sleep(1.5)
        killed.cancel()
        with suppress(asyncio.CancelledError):
            await killed
        flow(daemon)()
        return await asyncio.wait_for(first(CanaryHealthTrigger(**stored)), 10)

    seen = StageSeen.model_validate_json(asyncio.run(story())["seen"])
    assert seen.verdict is Verdict.PASS
    assert rollout(plane).stages[0].seen.verdict is Verdict.NO_DATA


def test_an_outage_of_the_control_plane_ends_no_watch(
    run: Any, live: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = watching(run("release_2", patience=LONG))
    good = os.environ["AIRFLOW_CONN_AIRWORTHY"]
    gone = json.loads(good) | {"host": f"http://127.0.0.1:{free_port()}"}
    looks: list[bool] = []

    async def story() -> Any:
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps(gone))
        waiting = asyncio.create_task(first(CanaryHealthTrigger(**stored)))
        await asyncio.sleep(1)
        looks.append(waiting.done())
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", good)
        return await asyncio.wait_for(first(CanaryHealthTrigger(**stored)), 10)

    seen = StageSeen.model_validate_json(asyncio.run(story())["seen"])
    assert looks == [False]
    assert seen.verdict is Verdict.PASS
