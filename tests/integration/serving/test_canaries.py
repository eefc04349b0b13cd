"""Canaries and stable versions that misbehave: who answers, and what the observation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from include.serving.endpoint import Health
from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.serving.endpoint import Endpoint, VariantState


def split(daemon: Daemon, weight: int = 50) -> Endpoint:
    """Apply a canary beside a live version; the canary may never become ready."""
    live = daemon.live()
    wanted = following(
        live,
        daemon.variant("stable", "1.0.0", 100 - weight),
        daemon.variant("candidate", "2.0.0", weight),
    )
    daemon.driver.apply(wanted)
    return wanted


def states(daemon: Daemon) -> dict[str, VariantState]:
    return {one.name: one for one in daemon.observe().variants}


def traffic_until(daemon: Daemon, true: Callable[[Traffic], bool], what: str) -> Traffic:
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=100) as traffic:
        daemon.until(lambda: true(traffic), what)
    return traffic


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"crash_at_start": True}, "ValueError: this model cannot be loaded"),
        ({"never_ready": True}, "not ready within 1 s"),
        ({"hang": True}, "not ready within 1 s"),
    ],
    ids=["crashes in a loop", "never ready", "hangs"],
)
def test_a_canary_that_never_answers_costs_nothing(
    idle: Daemon, fault: dict[str, bool], told: str
) -> None:
    idle.timings["start_within"] = 1.0
    daemon = idle.start()
    daemon.behave("2.0.0", **fault)
    split(daemon)
    traffic = traffic_until(
        daemon,
        lambda seen: len(seen.seen) > 100 and told in states(daemon)["candidate"].message,
        told,
    )
    assert set(traffic.statuses) == {200}
    assert set(traffic.versions) == {"1.0.0"}
    seen = states(daemon)
    assert seen["candidate"].weight == 0
    assert seen["candidate"].message.endswith("stable answers for it")
    assert seen["stable"].message == "answers for candidate too"


def test_a_canary_that_answers_garbage_is_retried_elsewhere_and_says_so(daemon: Daemon) -> None:
    split(daemon)
    daemon.until(daemon.ready, "split")
    daemon.behave("2.0.0", garbage=True)
    traffic = traffic_until(daemon, lambda seen: len(seen.seen) > 100, "traffic")
    assert set(traffic.statuses) == {200}
    assert set(traffic.versions) == {"1.0.0"}
    seen = states(daemon)["candidate"]
    assert seen.health is Health.READY
    assert "the answer is not HTTP" in seen.message


def test_a_canary_that_answers_no_one_in_time_says_so(daemon: Daemon) -> None:
    split(daemon)
    daemon.until(daemon.ready, "split")
    daemon.behave("2.0.0", answer_seconds=30.0)
    traffic = traffic_until(daemon, lambda seen: seen.statuses[504] > 5, "late")
    assert traffic.statuses[504] == pytest.approx(len(traffic.seen) / 2, abs=1)
    assert "no answer within 2 s" in states(daemon)["candidate"].message
    daemon.behave("2.0.0")
    traffic = traffic_until(daemon, lambda seen: len(seen.seen) > 50, "good again")
    assert set(traffic.statuses) == {200}
    assert states(daemon)["candidate"].message == ""


def test_the_canary_takes_over_for_a_stable_version_that_is_gone(daemon: Daemon) -> None:
    split(daemon, weight=5)
    daemon.until(daemon.ready, "split")
    daemon.behave("1.0.0", crash_at_start=True)
    victim = next(one for one in daemon.servers() if "--version=1.0.0" in one.cmdline())
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=150) as traffic:
        daemon.until(lambda: len(traffic.seen) > 50, "traffic")
        psutil.Process(victim.pid).kill()
        daemon.until(lambda: states(daemon)["stable"].restarts >= 1, "noticed")
        seen = states(daemon)
        answered = len(traffic.seen)
        daemon.until(lambda: len(traffic.seen) > answered + 100, "traffic")
    assert set(traffic.statuses) == {200}
    assert {one.version for one in traffic.seen[answered + 20 :]} == {"2.0.0"}
    assert (seen["stable"].weight, seen["candidate"].weight) == (0, 5)
    assert seen["candidate"].message == "answers for stable too"
    assert seen["stable"].message.endswith("candidate answers for it")
    daemon.behave("1.0.0")
    daemon.until(lambda: states(daemon)["stable"].health is Health.READY, "back")
    daemon.until(lambda: states(daemon)["candidate"].message == "", "and said so")


def test_limits_refuse_what_is_too_much(idle: Daemon) -> None:
    idle.limits |= {"rate": 5, "concurrent": 4}
    daemon = idle.start()
    daemon.live()
    daemon.behave("1.0.0", answer_seconds=0.5)
    url = f"{daemon.router}/v2/models/loans/infer"
    with Traffic(url, rate=200) as traffic:
        daemon.until(lambda: {200, 429, 503} <= set(traffic.statuses), "all three")
    assert set(traffic.statuses) == {200, 429, 503}
    daemon.behave("1.0.0")
    answers = [httpx.post(url, json={}, trust_env=False) for _ in range(20)]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert late.headers["retry-after"] == "1"
    assert late.json()["type"] == "https://airworthy.dev/problems/too-many-requests"
    metrics = httpx.get(f"{daemon.router}/metrics", trust_env=False).text
    assert 'airworthy_router_refused_total{code="429"}' in metrics
    assert (
        'airworthy_router_requests_total{code="503",endpoint="loans",variant="",version=""}'
        in metrics
    )


def test_an_answer_names_the_revision_it_was_routed_under(daemon: Daemon) -> None:
    live = daemon.live()
    url = f"{daemon.router}/v2/models/loans"
    for revision in (1, 2):
        answers = (
            httpx.post(f"{url}/infer", json={}, trust_env=False),
            httpx.get(url, trust_env=False),
        )
        assert {answer.headers["x-airworthy-revision"] for answer in answers} == {str(revision)}
        daemon.driver.apply(following(live, *live.variants))
