"""Twenty percent errors at 20 requests a second, seen by metrics: how soon is a look a fail?"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import threading
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import httpx
import pytest

from include.errors import MetricsUnavailable
from include.rollout.judging import Versions, judge
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from include.verdict import Verdict
from tests.support import plans
from tests.support.fake_prometheus import Phased
from tests.support.real_prometheus import ModelProcess, RealPrometheus, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED, RATE, STABLE_RATE, ERRORS = 2_042, 20, 60, 0.2
BATCH = 6
"""Releases at a time: Prometheus, servers and looks share two cores."""
VERSIONS = Versions("1.0.0", "2.0.0")


@dataclass
class Run:
    """One release at its stage of 25 %, with its traffic.

    Attributes:
        delay: Seconds of health before the errors begin; None for a run without errors.
        first_error: When the first one was answered.
        verdicts: What each look said.
        failed_at: When a look said fail.
    """

    name: str
    delay: float | None
    stable: ModelProcess
    canary: ModelProcess
    first_error: float = 0.0
    began: float = 0.0
    verdicts: list[str] = field(default_factory=list)
    failed_at: float = 0.0

    def serve(self, rng: random.Random) -> None:
        """Answer one request of the canary, and stable's share."""
        self.stable.answer(STABLE_RATE // RATE)
        is_bad = self.delay is not None and time.monotonic() - self.began > self.delay
        if self.began and is_bad and rng.random() < ERRORS:
            self.first_error = self.first_error or time.monotonic()
            self.canary.answer(1, 500)
        else:
            self.canary.answer(1)

    def close(self) -> None:
        self.stable.stop()
        self.canary.stop()


def serve(runs: list[Run], stop: threading.Event, rng: random.Random) -> None:
    began, served = time.monotonic(), 0
    while not stop.is_set():
        for run in runs:
            run.serve(rng)
        served += 1
        time.sleep(max(0.0, began + served / RATE - time.monotonic()))


@dataclass(frozen=True)
class Pace:
    """Seconds between two scrapes, and how long a release is watched; 0 reads the servers."""

    interval: float
    watch: float


async def watch(run: Run, url: str, pace: Pace) -> None:
    """Look each second, as the canary sensor does, until a fail or for long enough."""
    arms = (
        Arm("v1", "1.0.0", 75, addresses=(run.stable.address,)),
        Arm("v2", "2.0.0", 25, addresses=(run.canary.address,)),
    )
    phase = Phase(run.name, 1, time.time(), arms)
    told: dict[str, object] = {"kind": "pods"}
    if pace.interval:
        scrapes = {"scrape_seconds": pace.interval, "lag_seconds": 2}
        told = {"kind": "prometheus", "url": url, **scrapes}
    found = source(configured(told), Phased(run.name, {1: phase}))
    plan = plans.plan("canary", 25)
    run.began = time.monotonic()
    while time.monotonic() - run.began < pace.watch:
        try:
            seen = judge(plan, 0, VERSIONS, await found.evidence(run.name, 1))
            run.verdicts.append(seen.verdict.value)
            if seen.verdict is Verdict.FAIL:
                run.failed_at = time.monotonic()
                return
        except MetricsUnavailable as error:
            run.verdicts.append(error.condition)
        await asyncio.sleep(1)


def batch(delays: list[float | None], folder: Path, pace: Pace) -> list[Run]:
    """Play releases side by side."""
    runs = [
        Run(f"m{place}", delay, *(ModelProcess(f"m{place}", v) for v in ("1.0.0", "2.0.0")))
        for place, delay in enumerate(delays)
    ]
    stop, rng = threading.Event(), random.Random(f"{SEED}-{folder.name}")
    traffic = threading.Thread(target=serve, args=(runs, stop, rng))
    traffic.start()
    try:
        with scraping(runs, folder, pace) as url:
            asyncio.run(_all(runs, url, pace))
    finally:
        stop.set()
        traffic.join()
        for run in runs:
            run.close()
    return runs


@contextlib.contextmanager
def scraping(runs: list[Run], folder: Path, pace: Pace) -> Iterator[str]:
    """Let a Prometheus scrape them all, where one is to; its address is empty where none is."""
    if not pace.interval:
        yield ""
        return
    ports = tuple(process.port for run in runs for process in (run.stable, run.canary))
    prometheus = RealPrometheus(folder, ports, pace.interval).start()
    try:
        until(lambda: _scraped(prometheus, len(ports)), "all are scraped", 60)
        yield prometheus.url
    finally:
        prometheus.kill()


async def _all(runs: list[Run], url: str, pace: Pace) -> None:
    await asyncio.gather(*(watch(run, url, pace) for run in runs))


def _scraped(prometheus: RealPrometheus, count: int) -> bool:
    query = {"query": "sum(up)"}
    answer = httpx.get(f"{prometheus.url}/api/v1/query", params=query, trust_env=False)
    result = answer.json()["data"]["result"]
    return bool(result) and float(result[0]["value"][1]) == count


def seconds_until_fail(runs: list[Run]) -> list[float]:
    """Return the time from the first error to the look that failed; infinite where none did."""
    return [run.failed_at - run.first_error if run.failed_at else math.inf for run in runs]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["prometheus", "pods"])
def test_errors_are_found_within_a_scrape_and_ten_seconds(kind, rounds, record, tmp_path) -> None:
    each, at_once = rounds(full=20, slice=3), rounds(full=20, slice=0)
    interval = float(rounds(full=5, slice=1)) if kind == "prometheus" else 0.0
    pace = Pace(interval, interval + rounds(full=30, slice=14))
    rng = random.Random(SEED)
    # Errors begin at any phase of the scrapes once counting has begun, or with the stage itself.
    later = [max(2.0, 2 * interval) + rng.random() * max(1.0, interval) for _ in range(each)]
    wanted = [one for delay in later for one in (delay, None)] + [0.0] * at_once
    runs = [
        run
        for first in range(0, len(wanted), BATCH)
        for run in batch(wanted[first : first + BATCH], tmp_path / f"b{first}", pace)
    ]
    good = [run for run in runs if run.delay is None]
    taken = seconds_until_fail([run for run in runs if run.delay])
    from_the_start = seconds_until_fail([run for run in runs if run.delay == 0.0])
    false_alarms = sum(1 for run in good if run.failed_at)
    passed = sum(1 for run in good if run.verdicts[-1] == "pass")
    counts = {"bad": len(taken), "bad_from_the_start": len(from_the_start), "good": len(good)}
    figures = {
        "scrape_seconds": interval,
        "median_seconds": median(taken),
        "slowest_seconds": max(taken),
        "slowest_from_the_start_seconds": max(from_the_start, default=0.0),
    }
    counts |= {"false_alarms": false_alarms, "good_passed": passed}
    record(f"{kind}-detection", seed=SEED, counts=counts, figures=figures)
    assert max(taken) <= interval + 10, taken
    assert max(from_the_start, default=0.0) <= 2 * interval + 10, from_the_start
    assert (false_alarms, passed) == (0, each), [run.verdicts[-3:] for run in good]
