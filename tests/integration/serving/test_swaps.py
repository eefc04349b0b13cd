"""Changes under load: no request is lost, and the shares are what was asked for."""

from __future__ import annotations

from collections import Counter

import httpx

from include.serving.endpoint import Health
from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic


def test_another_version_under_the_same_name_drops_nothing(daemon: Daemon) -> None:
    wanted = daemon.live()
    daemon.behave("1.0.0", answer_seconds=0.15)
    daemon.behave("2.0.0", start_seconds=0.7)
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=100) as traffic:
        daemon.until(lambda: len(traffic.seen) > 30, "traffic")
        daemon.driver.apply(following(wanted, daemon.variant("stable", "2.0.0", 100)))
        starting = daemon.observe().variants[0]
        daemon.until(lambda: traffic.versions["2.0.0"] > 50, "switched")
    assert set(traffic.statuses) == {200}
    assert set(traffic.versions) == {"1.0.0", "2.0.0"}
    assert (starting.version, starting.health, starting.weight) == ("2.0.0", Health.STARTING, 0)
    assert starting.message == "1.0.0 answers until 2.0.0 is ready"
    daemon.until(lambda: len(daemon.servers()) == 1, "the old server is gone")


def test_a_broken_version_under_the_same_name_never_replaces_the_good_one(daemon: Daemon) -> None:
    wanted = daemon.live()
    daemon.behave("2.0.0", crash_at_start=True)
    daemon.driver.apply(following(wanted, daemon.variant("stable", "2.0.0", 100)))
    daemon.until(lambda: daemon.observe().variants[0].health is Health.UNHEALTHY, "crashed")
    answer = httpx.post(f"{daemon.router}/v2/models/loans/infer", json={}, trust_env=False)
    assert answer.headers["x-airworthy-version"] == "1.0.0"
    daemon.driver.apply(following(following(wanted), *wanted.variants))
    daemon.until(daemon.ready, "back")
    assert daemon.observe().variants[0].restarts == 0


def test_promotion_renames_the_candidate_and_starts_nothing(daemon: Daemon) -> None:
    first = daemon.live()
    candidate = daemon.variant("candidate", "2.0.0", 0)
    dark = following(first, *first.variants, candidate)
    daemon.driver.apply(dark)
    daemon.until(daemon.ready, "dark")
    servers = {server.pid for server in daemon.servers()}
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=150) as traffic:
        daemon.until(lambda: len(traffic.seen) > 30, "traffic")
        half = following(
            dark,
            daemon.variant("stable", "1.0.0", 50),
            daemon.variant("candidate", "2.0.0", 50),
        )
        daemon.driver.apply(half)
        daemon.until(lambda: traffic.versions["2.0.0"] > 30, "half")
        daemon.driver.apply(following(half, daemon.variant("stable", "2.0.0", 100)))
        daemon.until(lambda: len(daemon.servers()) == 1, "the old server is gone")
        promoted = len(traffic.seen)
        daemon.until(lambda: len(traffic.seen) > promoted + 30, "traffic")
    assert set(traffic.statuses) == {200}
    assert {server.pid for server in daemon.servers()} < servers
    assert {one.variant for one in traffic.seen[-20:]} == {"stable"}
    assert {one.version for one in traffic.seen[-20:]} == {"2.0.0"}


def test_drain_lets_slow_requests_finish(daemon: Daemon) -> None:
    wanted = daemon.live(replicas=2)
    daemon.behave("1.0.0", answer_seconds=0.8)
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=60) as traffic:
        daemon.until(lambda: len(traffic.seen) > 20, "traffic")
        smaller = following(wanted, daemon.variant("stable", "1.0.0", 100, replicas=1))
        daemon.driver.apply(smaller)
        daemon.until(lambda: len(daemon.servers()) == 1, "one replica")
    assert set(traffic.statuses) == {200}


def test_shares_are_exact_and_sticky_by_unit(daemon: Daemon) -> None:
    pair = (daemon.variant("stable", "1.0.0", 95), daemon.variant("candidate", "2.0.0", 5))
    daemon.driver.apply(daemon.endpoint(*pair))
    daemon.until(daemon.ready, "ready")
    url = f"{daemon.router}/v2/models/loans/infer"
    with httpx.Client(trust_env=False) as client:
        taken = Counter(
            client.post(url, json={}).headers["x-airworthy-variant"] for _ in range(200)
        )
        units = {
            unit: {
                client.post(url, json={}, headers={"X-Unit-Id": unit}).headers[
                    "x-airworthy-variant"
                ]
                for _ in range(3)
            }
            for unit in (f"customer-{n}" for n in range(40))
        }
    assert taken == {"stable": 190, "candidate": 10}
    assert all(len(variants) == 1 for variants in units.values())


def test_a_dead_candidate_costs_no_request(daemon: Daemon) -> None:
    pair = (daemon.variant("stable", "1.0.0", 50), daemon.variant("candidate", "2.0.0", 50))
    daemon.driver.apply(daemon.endpoint(*pair))
    daemon.until(daemon.ready, "ready")
    daemon.behave("2.0.0", crash_at_start=True)
    url = f"{daemon.router}/v2/models/loans/infer"
    candidate = next(s for s in daemon.servers() if "--version=2.0.0" in s.cmdline())
    with Traffic(url, rate=150) as traffic:
        daemon.until(lambda: len(traffic.seen) > 50, "traffic")
        candidate.kill()
        daemon.until(lambda: daemon.observe().variants[1].restarts > 0, "noticed")
    assert set(traffic.statuses) == {200}
    metrics = httpx.get(f"{daemon.router}/metrics", trust_env=False).text
    assert 'airworthy_variant_ready{endpoint="loans",variant="candidate",version="2.0.0"} 0' in (
        metrics
    )
