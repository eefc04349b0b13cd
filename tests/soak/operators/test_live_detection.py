"""Releases under real traffic: real daemon, router, control plane, operators and triggers.

Every other candidate begins to fail one request in five while it is watched; how soon is it known,
and does a candidate that does no harm ever fail?
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.spec.release import Canary, LatencyLimits, Patience, Shadow, Signals
from tests.support.callers import Callers
from tests.support.served_releases import MODEL, rollout_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.client.messages.registry import Version
    from tests.support.serving_daemon import Daemon

RATE, WEIGHT, FAILING, LIMIT_SECONDS = 80.0, 25, 0.2, 10.0
LIMIT_REQUESTS = int(LIMIT_SECONDS * RATE * WEIGHT / 100)
SHORT = Patience(min_requests=20, min_seconds=0, deadline_minutes=2)
QUICK = Patience(min_requests=100, min_seconds=2, deadline_minutes=2)
# The errors begin with the watch: what came before must not be enough to pass.
LONG = Patience(min_requests=100, min_seconds=60, deadline_minutes=2)
PASSED, FAILED = StageState.PASSED, StageState.FAILED


@pytest.fixture
def daemon(served_daemon: Daemon) -> Daemon:
    """Take a real daemon."""
    return served_daemon


@pytest.fixture
def release(run: Any, compiled: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a maker of releases that are looked at as often as in Airflow."""
    from sensors.canary_health import POLL_SECONDS

    monkeypatch.setattr("tests.support.release_run.QUICK_POLL", POLL_SECONDS)
    first = compiled.spec.release.first_release.model_copy(update={"patience": SHORT})
    changes = {
        "first_release": first,
        # What else the machine does makes answers slow; errors are the subject here.
        "signals": Signals(latency=LatencyLimits(limit_ms=10_000)),
        "latency_limit_ms": 10_000,
        "newer_version": "queue",
    }

    def made(run_id: str, patience: Patience = QUICK) -> Any:
        shadow = Shadow(patience=SHORT)
        canary = Canary(shadow=shadow, weights=(WEIGHT, 100), patience=patience)
        return run(run_id, canary=canary, **changes)

    return made


@dataclass(frozen=True)
class Detection:
    """From the first error of a candidate: seconds to the verdict, and to its last request.

    Attributes:
        asked: Requests that reached it until the verdict.
    """

    known: float
    gone: float
    asked: int


class Watcher:
    """Plays releases, one after the other, under one stream of requests."""

    def __init__(self, plane: Any, daemon: Daemon, traffic: Callers) -> None:
        self.plane, self.daemon, self.traffic = plane, daemon, traffic

    def harmless(self, release: Any, version: str) -> None:
        """Let pass a release that is promoted."""
        release.play()
        rollout = rollout_of(self.plane, version)
        assert rollout.state is RolloutState.PROMOTED, rollout.reason
        assert [one.state for one in rollout.stages] == [PASSED] * 3

    def harmful(self, release: Any, version: str) -> Detection:
        """Return how soon after its first error a candidate is known, and gets nothing more."""
        known: list[float] = []
        release.play({
            f"stage_{WEIGHT}.health": lambda: self.daemon.behave(version, failing=FAILING),
            f"stage_{WEIGHT}.verdict": lambda: known.append(time.monotonic()),
        })
        rollout = rollout_of(self.plane, version)
        assert rollout.state is RolloutState.ROLLED_BACK, rollout.reason
        assert [one.state for one in rollout.stages] == [PASSED, FAILED]
        assert rollout.reason.startswith(f"stage_{WEIGHT} failed: errors: harm")
        reached = [one for one in self.traffic.seen if one.version == version]
        first = min(one.at for one in reached if one.status >= 500)
        return Detection(
            known[0] - first,
            max(one.at for one in reached) - first,
            sum(first <= one.at <= known[0] for one in reached),
        )


@pytest.mark.timeout(3000)
def test_a_failing_candidate_is_known_within_ten_seconds_and_no_other_fails(
    release: Callable[..., Any],
    served_register: Callable[[str], Version],
    plane: Any,
    daemon: Daemon,
    tmp_path: Path,
    rounds: Callable[..., int],
    record: Callable[..., None],
) -> None:
    number, taken, harmful = rounds(full=20, slice=3), list[Detection](), set()
    url = f"{daemon.router}/v2/models/{MODEL}/infer"
    with Callers(url, RATE, tmp_path / "answers") as traffic:
        served_register("first")
        opening = release("first")
        opening.play({"await_decision": lambda: opening.answer("approve")})
        # Before the first release nobody answered.
        before = len(traffic.seen)
        watcher = Watcher(plane, daemon, traffic)
        for one in range(number):
            watcher.harmless(release(f"good_{one}"), served_register(f"good {one}").version)
            version = served_register(f"bad {one}").version
            harmful.add(version)
            taken.append(watcher.harmful(release(f"bad_{one}", LONG), version))
    known, gone = [one.known for one in taken], [one.gone for one in taken]
    answers = traffic.seen[before:]
    failed = [seen for seen in answers if seen.status != 200]
    counts = {
        "harmful": number,
        "harmless": number,
        "harmless_rolled_back": 0,
        "requests": len(answers),
        "failed_of_harmful": sum(seen.version in harmful for seen in failed),
        "failed_of_others": sum(seen.version not in harmful for seen in failed),
    }
    figures = {
        "verdict after, s (median)": statistics.median(known),
        "verdict after, s (longest)": max(known),
        "last request of it after, s (median)": statistics.median(gone),
        "last request of it after, s (longest)": max(gone),
        "requests to the candidate until the verdict (most)": max(one.asked for one in taken),
    }
    record("live-detection", counts=counts, figures=figures)
    assert counts["failed_of_others"] == 0, failed[:5]
    # A machine that is too busy for the rate delays requests and looks alike: they count the same.
    assert max(one.asked for one in taken) <= LIMIT_REQUESTS, taken
    assert number < 20 or max(known) <= LIMIT_SECONDS, known
