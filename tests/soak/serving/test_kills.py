"""kill -9 of model servers behind the daemon, and of the daemon, again and again, under traffic."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from include.serving.endpoint import Health
from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.serving.endpoint import Endpoint
    from tests.support.traffic import Seen

SEED = 11
REPLICAS = 2
RATE = 100.0
OK = 200


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


@pytest.mark.timeout(900)
def test_every_killed_daemon_is_back_with_its_wanted_state(
    tmp_path: Path, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    kills, choose, daemon = rounds(full=20, slice=2), random.Random(SEED), Daemon(tmp_path)
    back: list[float] = []
    try:
        wanted = split(daemon.start())
        servers = {server.pid for server in daemon.servers()}
        with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=RATE) as traffic:
            for _ in range(kills):
                wanted = reweighed(daemon, wanted, choose.choice((5, 25, 50)))
                back.append(kill_daemon(daemon, traffic))
                assert {server.pid for server in daemon.servers()} == servers
                assert standing(daemon) == weights_of(wanted)
    finally:
        daemon.close()
    counts = {"kills": kills, "requests": len(traffic.seen)}
    figures = {
        "answers again after the start, s (median)": statistics.median(back),
        "answers again after the start, s (longest)": max(back),
        "requests without an answer": traffic.statuses[0],
        "requests refused": len(traffic.seen) - traffic.statuses[0] - traffic.statuses[200],
    }
    record("daemon-kills", seed=SEED, counts=counts, figures=figures)
    assert len(back) == kills


def split(daemon: Daemon) -> Endpoint:
    """Apply two variants and wait until both answer."""
    pair = (daemon.variant("stable", "1.0.0", 95), daemon.variant("candidate", "2.0.0", 5))
    wanted = daemon.endpoint(*pair)
    daemon.driver.apply(wanted)
    daemon.until(daemon.ready, "split")
    return wanted


def reweighed(daemon: Daemon, wanted: Endpoint, percent: int) -> Endpoint:
    stable, candidate = wanted.variants
    changed = following(
        wanted, replace(stable, weight=100 - percent), replace(candidate, weight=percent)
    )
    daemon.driver.apply(changed)
    return changed


def kill_daemon(daemon: Daemon, traffic: Traffic) -> float:
    """Kill the daemon, start it again, and return when after that its first answer came."""
    daemon.kill()
    began = time.monotonic()
    daemon.start()

    def answers() -> list[Seen]:
        return [one for one in traffic.seen if one.status == OK and one.at > began]

    daemon.until(lambda: bool(answers()), "answers")
    first = answers()[0]
    daemon.until(daemon.ready, "both variants")
    return first.at + first.seconds - began


def standing(daemon: Daemon) -> tuple[int, dict[str, int]]:
    seen = daemon.observe()
    return seen.revision, {state.name: state.weight for state in seen.variants}


def weights_of(wanted: Endpoint) -> tuple[int, dict[str, int]]:
    return wanted.revision, {variant.name: variant.weight for variant in wanted.variants}


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
