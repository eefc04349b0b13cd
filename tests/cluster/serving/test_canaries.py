"""Canaries by our driver, good and bad, while requests come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from include.serving.endpoint import Health
from tests.support.cluster import wait_until
from tests.support.kserve_endpoint import shares

if TYPE_CHECKING:
    from tests.support.kserve_endpoint import KServeEndpoint
    from tests.support.traffic import Seen, Traffic

RATE = 100.0
# Faster where nothing is going to fail, so that the number of requests is soon reached.
PROMOTED_RATE = 150.0
# Longest time from wanting a weight until it is verified (the pods are there already).
VERIFIED = 5.0
PROMOTED_REQUESTS = 5000


@pytest.fixture
def live(endpoint: KServeEndpoint) -> KServeEndpoint:
    """Return an endpoint with one live version."""
    endpoint.go(v1=100)
    endpoint.answers()
    return endpoint


def failed(traffic: Traffic, since: float = 0.0) -> list[Seen]:
    return [one for one in traffic.seen if one.status != 200 and one.at >= since]


def test_a_good_canary_is_promoted_with_its_pods_and_no_request_fails(
    live: KServeEndpoint,
) -> None:
    with live.traffic(PROMOTED_RATE) as traffic:
        live.go(v1=100, v2=0)
        taken = [live.go(v1=100 - share, v2=share) for share in (20, 50)]
        before = live.pods("v2")
        live.go(v2=100)
        wait_until(lambda: not live.pods("v1"), 30)
        wait_until(lambda: len(traffic.seen) >= PROMOTED_REQUESTS, 90)
    assert live.pods("v2") == before, "the pods of the canary are those of the live version"
    assert set(traffic.statuses) == {200}, traffic.statuses
    assert max(taken) <= VERIFIED, taken
    assert {one.version for one in traffic.seen[-50:]} == {"v2"}


def test_a_failing_canary_is_rolled_back_and_nobody_else_fails(live: KServeEndpoint) -> None:
    live.zone.will("bad", error_share=0.2)
    with live.traffic(RATE) as traffic:
        live.go(v1=100, bad=0)
        live.go(v1=80, bad=20)
        time.sleep(3)
        taken = live.go(v1=100)
        clean = time.monotonic()
        wait_until(lambda: not live.pods("bad"), 30)
        time.sleep(1)
    wrong = failed(traffic)
    assert wrong, "the canary has to have been asked"
    assert {(one.status, one.version) for one in wrong} == {(500, "bad")}
    assert failed(traffic, clean) == []
    assert taken <= 15.0, "twice a route, once the pods' goodbye"


def test_a_slow_canary_slows_its_own_share_alone(live: KServeEndpoint) -> None:
    live.zone.will("slow", answer_seconds=0.8)
    with live.traffic(20) as traffic:
        live.go(v1=100, slow=0)
        live.go(v1=50, slow=50)
        time.sleep(3)
        live.go(v1=100)
    assert set(traffic.statuses) == {200}, traffic.statuses
    seconds = {
        name: [s.seconds for s in traffic.seen if s.version == name] for name in ("v1", "slow")
    }
    assert min(seconds["slow"]) >= 0.8
    assert sorted(seconds["v1"])[len(seconds["v1"]) // 2] < 0.4


def test_a_canary_that_crashes_at_its_start_is_unhealthy_and_gets_nothing(
    live: KServeEndpoint,
) -> None:
    live.zone.will("crashing", crash_at_start=True)
    with live.traffic(20) as traffic:
        live.want(v1=100, crashing=0)
        seen = live.until(lambda seen: seen.variants[1].health is Health.UNHEALTHY, 60)
        live.want(v1=80, crashing=20)
        time.sleep(1)
        held = live.driver.observe(live.name)
        live.go(v1=100)
    assert "CrashLoopBackOff" in seen.variants[1].message
    assert seen.variants[1].restarts >= 1
    assert held.variants[1].weight == 0, "a weight counts once it is in effect"
    assert traffic.versions == {"v1": len(traffic.seen)}


def test_a_canary_that_dies_under_traffic_costs_no_more_than_its_share(
    live: KServeEndpoint,
) -> None:
    live.zone.will("dying", crash_after_seconds=4.0)
    live.go(v1=100, dying=0)
    with live.traffic(RATE) as traffic:
        live.want(v1=80, dying=20)
        wait_until(lambda: live.driver.observe(live.name).variants[1].restarts >= 1, 30)
        time.sleep(2)
        live.go(v1=100)
        clean = time.monotonic()
        time.sleep(1)
    assert len(failed(traffic)) <= 0.2 * len(traffic.seen)
    assert {one.version for one in failed(traffic)} <= {"", "dying"}
    assert failed(traffic, clean) == []


def test_a_canary_that_is_never_ready_gets_nothing(live: KServeEndpoint) -> None:
    live.zone.will("never", never_ready=True)
    with live.traffic(20) as traffic:
        live.want(v1=80, never=20)
        time.sleep(5)
        seen = live.driver.observe(live.name)
        live.go(v1=100)
    assert seen.variants[1].health is Health.STARTING
    assert "0 of 1" in seen.variants[1].message
    assert shares(seen)["never"] == 0
    assert traffic.versions == {"v1": len(traffic.seen)}
