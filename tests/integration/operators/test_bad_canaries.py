"""Releases under real traffic whose candidate, or whose router, goes wrong in mid-stage."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.spec.release import Canary, LatencyLimits, Patience, Shadow, Signals
from tests.support.callers import Callers
from tests.support.served_releases import MODEL, rollout_of
from tests.support.serving_daemon import QUICK as TIMINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.client.messages.registry import Version
    from include.evidence.tally import Evidence
    from tests.support.serving_daemon import Daemon

pytestmark = pytest.mark.timeout(300)
SHORT = Patience(min_requests=20, min_seconds=0, deadline_minutes=2)


@pytest.fixture
def served_timings() -> dict[str, float]:
    return {**TIMINGS, "start_within": 2.0}


@pytest.fixture
def daemon(served_daemon: Daemon) -> Daemon:
    return served_daemon


@pytest.fixture
def release(run: Any, compiled: Any) -> Callable[..., Any]:
    """Return a maker of releases that fail by errors and by nothing else."""
    first = compiled.spec.release.first_release.model_copy(update={"patience": SHORT})

    def made(run_id: str, patience: Patience = SHORT) -> Any:
        canary = Canary(shadow=Shadow(patience=SHORT), weights=(25, 100), patience=patience)
        return run(
            run_id,
            canary=canary,
            first_release=first,
            signals=Signals(latency=LatencyLimits(limit_ms=10_000)),
            latency_limit_ms=10_000,
        )

    return made


@pytest.fixture
def traffic(daemon: Daemon, tmp_path: Path) -> Iterator[Callers]:
    url = f"{daemon.router}/v2/models/{MODEL}/infer"
    with Callers(url, 40.0, tmp_path / "answers") as flowing:
        yield flowing


@pytest.fixture
def candidate(
    release: Callable[..., Any], served_register: Callable[[str], Version], traffic: Callers
) -> Version:
    """Let 1.0.0 answer, and register what is to be released."""
    served_register("a")
    opening = release("release_1")
    opening.play({"await_decision": lambda: opening.answer("approve")})
    return served_register("b")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"garbage": True}, ("errors: harm",)),
        ({"no_protocol": True}, ("errors: harm",)),
        ({"answer_seconds": 30.0}, ("errors: harm",)),
        # Its health checks hang too: errors, or restarts, whichever is proven first.
        ({"hang": True}, ("errors: harm", "does not stay up: 3 restarts")),
    ],
    ids=["answers garbage", "answers without predictions", "answers late", "hangs"],
)
def test_a_candidate_that_goes_wrong_in_mid_stage_is_rolled_back(
    release: Callable[..., Any], candidate: Version, plane: Any, daemon: Daemon, traffic: Callers,
    fault: dict[str, Any], told: tuple[str, ...],
) -> None:  # fmt: skip
    began = time.monotonic()
    watched = release("release_2", Patience(min_requests=20, min_seconds=60, deadline_minutes=2))
    watched.play({"stage_25.health": lambda: daemon.behave(candidate.version, **fault)})
    rollout = rollout_of(plane, candidate.version)
    assert rollout.state is RolloutState.ROLLED_BACK
    assert rollout.reason.startswith("stage_25 failed: ")
    assert any(words in rollout.reason for words in told), rollout.reason
    assert "\n" not in watched.task.xcoms["settle", "failure"]
    assert [(one.version, one.weight) for one in daemon.observe(MODEL).variants] == [("1.0.0", 100)]
    failed = [one for one in traffic.seen if one.at > began and one.status != 200]
    # A time-out names nobody.
    assert all(one.version == candidate.version or one.status == 504 for one in failed), failed[:5]


def test_a_router_that_is_killed_in_mid_stage_counts_on_where_it_was(
    release: Callable[..., Any], candidate: Version, plane: Any, daemon: Daemon, traffic: Callers
) -> None:
    counted: list[Evidence] = []

    def look() -> None:
        stage = rollout_of(plane, candidate.version).stages[1]
        counted.append(asyncio.run(daemon.driver.evidence(MODEL, stage.revision)))

    def kill() -> None:
        # Counts are kept each second: some of this stage are.
        time.sleep(2)
        look()
        daemon.kill()
        threading.Timer(1.5, daemon.begin).start()

    watched = release("release_2", Patience(min_requests=60, min_seconds=8, deadline_minutes=2))
    watched.play({"stage_25.health": kill, "stage_25.verdict": look})
    rollout = rollout_of(plane, candidate.version)
    assert rollout.state is RolloutState.PROMOTED, rollout.reason
    assert [one.state for one in rollout.stages] == [StageState.PASSED] * 3
    before, after = counted
    assert (before.interruptions, after.interruptions) == (0, 1)
    assert after.seconds > before.seconds
    assert after.tally(candidate.version).requests >= 60
