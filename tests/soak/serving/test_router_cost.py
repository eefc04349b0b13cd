"""What the router adds to a request: the same server asked directly and through it, by turns."""

from __future__ import annotations

import asyncio
import json
import statistics
from typing import TYPE_CHECKING

import psutil
import pytest

from include.serving.upstream import Upstream
from tests.support.serving_daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 500.0
SECONDS = 3.0
WARM_UP = 200
MOST_CPU = 600
BODY = json.dumps({
    "inputs": [
        {"name": f"x{n}", "shape": [1], "datatype": "FP64", "data": [n * 0.5]} for n in range(12)
    ]
}).encode()


@pytest.mark.timeout(180)
def test_the_router_adds_little(
    tmp_path: Path, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    turns = rounds(full=6, slice=2)
    daemon = Daemon(tmp_path)
    try:
        daemon.start().live()
        records = json.loads((daemon.home / "servers.json").read_text())["servers"]
        measured = asyncio.run(compare(records[0]["port"], daemon, turns))
    finally:
        daemon.close()
    counts = {"turns": turns, "requests": int(measured.pop("requests"))}
    record("router-cost", counts=counts, figures=measured)
    # Wall time is said, not judged: on a busy machine it measures the others. CPU time is ours.
    assert measured["router CPU a request, us"] < MOST_CPU


async def compare(port: int, daemon: Daemon, turns: int) -> dict[str, float]:
    assert daemon.process is not None
    direct, routed = Upstream("127.0.0.1", port), Upstream("127.0.0.1", daemon.router_port)
    taken: dict[str, list[float]] = {"direct": [], "routed": []}
    added: dict[int, list[float]] = {50: [], 99: []}
    cpu = 0.0
    for _ in range(turns):
        one = await load(direct)
        before = used(daemon.process.pid)
        two = await load(routed)
        cpu += used(daemon.process.pid) - before
        taken["direct"] += one
        taken["routed"] += two
        for percent, differences in added.items():
            differences.append(percentile(two, percent) - percentile(one, percent))
    for server in (direct, routed):
        server.close()
    await asyncio.sleep(0.1)
    answers = {
        f"p{percent} {name}, ms": percentile(taken[name], percent)
        for name in taken
        for percent in added
    }
    return answers | {
        "p50 added, ms": statistics.median(added[50]),
        "p99 added, ms": statistics.median(added[99]),
        "ratio of p50": percentile(taken["routed"], 50) / percentile(taken["direct"], 50),
        "ratio of p99": percentile(taken["routed"], 99) / percentile(taken["direct"], 99),
        "router CPU a request, us": cpu * 1e6 / (len(taken["routed"]) + turns * WARM_UP),
        "requests": len(taken["direct"]) + len(taken["routed"]),
    }


async def load(server: Upstream) -> list[float]:
    """Send at a fixed rate, whether answers came or not; return milliseconds, warm-up left out."""
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    began, tasks = loop.time() + 0.01, []

    async def one(due: float) -> None:
        answer = await server.post("/v2/models/loans/infer", BODY, "bench", 5)
        assert answer.status == 200
        taken.append((loop.time() - due) * 1000)

    for number in range(int(RATE * SECONDS) + WARM_UP):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - loop.time()))
        tasks.append(asyncio.create_task(one(loop.time())))
    await asyncio.gather(*tasks)
    return taken[WARM_UP:]


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def used(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
