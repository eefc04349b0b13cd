"""Weights that change each second and versions that are swapped, under load: nobody is dropped."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.serving.endpoint import Endpoint, Variant
    from tests.support.traffic import Seen

SEED = 7
RATE = 200.0
PERCENTS = (0, 5, 25, 50, 75, 100)
PAIRS = {"stable": ("1.0.0", "3.0.0"), "candidate": ("2.0.0", "4.0.0")}


@dataclass(frozen=True)
class Change:
    """An applied endpoint, and when it was called for and when that returned."""

    endpoint: Endpoint
    called: float
    returned: float


@pytest.mark.timeout(900)
def test_no_request_is_dropped_while_weights_and_versions_change(
    tmp_path: Path, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    requests = rounds(full=10_000, slice=1000)
    daemon, choose = Daemon(tmp_path), random.Random(SEED)
    changes: list[Change] = []
    try:
        wanted = begin(daemon.start())
        with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=RATE) as traffic:
            while len(traffic.seen) < requests:
                wanted = next_wish(daemon, wanted, len(changes), choose)
                changes.append(apply(daemon, wanted))
                time.sleep(max(0.0, changes[-1].called + 1 - time.monotonic()))
    finally:
        daemon.close()
    failed = len(traffic.seen) - traffic.statuses[200]
    late = [effective(change, traffic.seen) for change in changes[:-1]]
    counts = {"requests": len(traffic.seen), "changes": len(changes)}
    figures = {
        "failed requests": failed,
        "versions swapped": swaps(changes),
        "new split in effect after, s (longest)": max(late),
        "versions that answered": len(traffic.versions),
    }
    record("changes-under-load", seed=SEED, counts=counts, figures=figures)
    assert failed == 0, traffic.statuses
    assert max(late) <= 1
    for change in changes:
        check_split(change.endpoint, traffic.seen)
        after = [one for one in traffic.seen if one.at > change.returned]
        assert all(one.revision >= change.endpoint.revision for one in after)


def begin(daemon: Daemon) -> Endpoint:
    wanted = daemon.endpoint(
        daemon.variant("stable", "1.0.0", 100), daemon.variant("candidate", "2.0.0", 0)
    )
    daemon.driver.apply(wanted)
    daemon.until(daemon.ready, "two variants")
    return wanted


def next_wish(daemon: Daemon, wanted: Endpoint, number: int, choose: random.Random) -> Endpoint:
    """Return other weights; each fourth time one variant gets its other version as well."""
    percent = choose.choice([p for p in PERCENTS if p != wanted.variants[1].weight])
    weights = {"stable": 100 - percent, "candidate": percent}
    swapped = {1: "stable", 3: "candidate"}.get(number % 4, "")

    def changed(variant: Variant) -> Variant:
        weight = weights[variant.name]
        if variant.name != swapped:
            return replace(variant, weight=weight)
        one, other = PAIRS[swapped]
        return daemon.variant(swapped, other if variant.version == one else one, weight)

    return following(wanted, *(changed(variant) for variant in wanted.variants))


def apply(daemon: Daemon, wanted: Endpoint) -> Change:
    called = time.monotonic()
    daemon.driver.apply(wanted)
    return Change(wanted, called, time.monotonic())


def effective(change: Change, seen: list[Seen]) -> float:
    """Return how long after the call the first request under the new split was sent."""
    sent = [one.at for one in seen if one.revision == change.endpoint.revision]
    return max(0.0, min(sent) - change.called)


def swaps(changes: list[Change]) -> int:
    versions = [[one.version for one in change.endpoint.variants] for change in changes]
    return sum(before != after for before, after in itertools.pairwise(versions))


def check_split(wanted: Endpoint, seen: list[Seen]) -> None:
    """Turns are exact: whatever the number of requests, no variant is off by more than two."""
    taken: dict[int, Counter[str]] = defaultdict(Counter)
    for one in seen:
        taken[one.revision][one.variant] += 1
    got = taken[wanted.revision]
    for variant in wanted.variants:
        assert abs(got[variant.name] - got.total() * variant.weight / 100) <= 2, (wanted, got)
