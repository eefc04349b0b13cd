"""A shadow that hangs, dies and lies, again and again, beside callers who must not notice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from include.serving.endpoint import Health
from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 150.0
FAULTS: tuple[dict[str, object], ...] = (
    {"hang": True},
    {"kill": True},
    {"garbage": True},
    {"no_protocol": True},
    {"answer_seconds": 30.0},
    {"status": 500},
)


@pytest.mark.timeout(900)
def test_no_caller_notices_a_shadow_in_trouble(
    tmp_path: Path, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    troubles, daemon = rounds(full=20, slice=3), Daemon(tmp_path)
    try:
        live = daemon.start().live()
        shadow = replace(daemon.variant("candidate", "2.0.0", 0), mirror=100)
        daemon.driver.apply(following(live, *live.variants, shadow))
        daemon.until(daemon.ready, "shadow")
        with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=RATE) as traffic:
            for fault in itertools.islice(itertools.cycle(FAULTS), troubles):
                trouble(daemon, traffic, fault)
        copies = mirrored(daemon)
    finally:
        daemon.close()
    failed = len(traffic.seen) - traffic.statuses[200]
    counts = {"troubles": troubles, "requests": len(traffic.seen), **copies}
    taken = sorted(one.seconds for one in traffic.seen)
    most = taken[len(taken) * 9 // 10]
    figures = {
        "failed requests": failed,
        "p90 visible, s": most,
        "slowest visible answer, s": taken[-1],
    }
    record("shadow-trouble", counts=counts, figures=figures)
    assert failed == 0, traffic.statuses
    assert set(traffic.versions) == {"1.0.0"}
    assert copies["copies answered"] > 0
    assert copies["copies failed"] > 0
    # Far more than a tenth of the copies hang: if anybody waited for them, it would be seen here.
    assert most < daemon.timings["mirror_within"]


def trouble(daemon: Daemon, traffic: Traffic, fault: dict[str, object]) -> None:
    """Let the shadow do its worst for a while, then wait until it is well again."""
    if fault.get("kill"):
        victim = next(one for one in daemon.servers() if "--version=2.0.0" in one.cmdline())
        psutil.Process(victim.pid).kill()
    else:
        daemon.behave("2.0.0", **fault)
    more(daemon, traffic, 200)
    daemon.behave("2.0.0")
    daemon.until(lambda: is_well(daemon), f"well after {fault}")
    more(daemon, traffic, 50)


def is_well(daemon: Daemon) -> bool:
    shadow = daemon.observe().variants[1]
    return shadow.health is Health.READY and "failed its last" not in shadow.message


def more(daemon: Daemon, traffic: Traffic, requests: int) -> None:
    goal = len(traffic.seen) + requests
    daemon.until(lambda: len(traffic.seen) >= goal, "traffic")


def mirrored(daemon: Daemon) -> dict[str, int]:
    """Return the number of copies by what became of them, as the metrics say."""
    text = httpx.get(f"{daemon.router}/metrics", trust_env=False).text
    found = dict.fromkeys(("copies answered", "copies failed", "copies dropped"), 0)
    for line in text.splitlines():
        if line.startswith("airworthy_router_mirrored_total{"):
            result = line.split('result="')[1].split('"')[0]
            found[f"copies {result}"] = int(float(line.rsplit(" ", 1)[1]))
    return found
