"""kill -9 of model servers behind the daemon, again and again, under traffic."""

from __future__ import annotations

import random
import statistics
from typing import TYPE_CHECKING

import psutil
import pytest

from include.serving.endpoint import Health
from tests.support.serving_daemon import Daemon
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEED = 11
REPLICAS = 2
RATE = 100.0


@pytest.mark.timeout(900)
def test_every_killed_server_is_back_and_its_replica_answers(
    tmp_path: Path, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    kills, choose, daemon = rounds(full=20, slice=2), random.Random(SEED), Daemon(tmp_path)
    back: list[float] = []
    try:
        daemon.start().live(replicas=REPLICAS)
        with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=RATE) as traffic:
            for _ in range(kills):
                back.append(kill_one(daemon, choose))
                sent = len(traffic.seen)
                daemon.until(lambda sent=sent: len(traffic.seen) > sent + 50, "traffic")
    finally:
        daemon.close()
    counts = {"kills": kills, "requests": len(traffic.seen)}
    failed = len(traffic.seen) - traffic.statuses[200]
    figures = {
        "failed requests": failed,
        "back after, s (median)": statistics.median(back),
        "back after, s (longest)": max(back),
    }
    record("model-server-kills", seed=SEED, counts=counts, figures=figures)
    assert failed == 0, traffic.statuses


def kill_one(daemon: Daemon, choose: random.Random) -> float:
    """Kill a server and return after how many seconds all replicas are ready again."""
    before = {server.pid for server in daemon.servers()}
    assert len(before) == REPLICAS
    victim = choose.choice(sorted(before))
    psutil.Process(victim).kill()

    def is_replaced() -> bool:
        now = {server.pid for server in daemon.servers()}
        return len(now) == REPLICAS and victim not in now and is_complete(daemon)

    return daemon.until(is_replaced, "two servers again")


def is_complete(daemon: Daemon) -> bool:
    (state,) = daemon.observe().variants
    return state.health is Health.READY and "replicas answer" not in state.message
