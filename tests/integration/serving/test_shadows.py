"""A shadow beside a stable version: whatever becomes of it, callers see nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from include.serving.endpoint import Health
from tests.support.serving_daemon import following
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from include.serving.endpoint import Endpoint, VariantState
    from tests.support.serving_daemon import Daemon


def shadowed(daemon: Daemon, percent: int = 100) -> Endpoint:
    """Apply a shadow beside a live version; the shadow may never become ready."""
    live = daemon.live()
    shadow = replace(daemon.variant("candidate", "2.0.0", 0), mirror=percent)
    wanted = following(live, *live.variants, shadow)
    daemon.driver.apply(wanted)
    return wanted


def mirrored(daemon: Daemon, result: str) -> int:
    """Return the number of copies with that end, as the metrics say."""
    text = httpx.get(f"{daemon.router}/metrics", trust_env=False).text
    lines = [
        line
        for line in text.splitlines()
        if line.startswith("airworthy_router_mirrored_total") and f'result="{result}"' in line
    ]
    return int(float(lines[0].rsplit(" ", 1)[1])) if lines else 0


def state(daemon: Daemon) -> VariantState:
    return daemon.observe().variants[1]


def test_copies_reach_a_ready_shadow_exactly_by_its_share(daemon: Daemon) -> None:
    shadowed(daemon, percent=30)
    daemon.until(daemon.ready, "ready")
    with httpx.Client(trust_env=False) as client:
        for _ in range(200):
            answer = client.post(f"{daemon.router}/v2/models/loans/infer", json={"inputs": []})
            assert answer.headers["x-airworthy-variant"] == "stable"
    daemon.until(lambda: mirrored(daemon, "answered") >= 60, "copies")
    assert (mirrored(daemon, "answered"), mirrored(daemon, "failed")) == (60, 0)
    assert state(daemon).weight == 0
    assert 'variant="candidate",version="2.0.0"} 0.0' in (
        httpx.get(f"{daemon.router}/metrics", trust_env=False).text
    )


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"crash_at_start": True}, "ValueError: this model cannot be loaded"),
        ({"never_ready": True}, "nothing is mirrored to it meanwhile"),
        ({"garbage": True}, "the answer is not HTTP"),
        ({"no_protocol": True}, "no predictions of the protocol"),
        ({"answer_seconds": 30.0}, "no answer within 1 s"),
        ({"status": 500}, "status 500"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_a_bad_shadow_is_said_and_no_caller_notices(
    daemon: Daemon, fault: dict[str, object], told: str
) -> None:
    daemon.behave("2.0.0", **fault)
    shadowed(daemon)
    if not {"crash_at_start", "never_ready"} & fault.keys():
        daemon.until(lambda: state(daemon).health is Health.READY, "ready")
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=100) as traffic:
        daemon.until(lambda: told in state(daemon).message, told)
        daemon.until(lambda: len(traffic.seen) > 100, "traffic")
    assert set(traffic.statuses) == {200}
    assert set(traffic.versions) == {"1.0.0"}
    # Who waited for the shadow would wait for its second; a busy machine may hold up a few.
    waited = sorted(one.seconds for one in traffic.seen)
    assert waited[len(waited) * 9 // 10] < 0.9


def test_a_shadow_that_becomes_stable_keeps_its_server(daemon: Daemon) -> None:
    wanted = shadowed(daemon)
    daemon.until(daemon.ready, "ready")
    servers = {server.pid for server in daemon.servers()}
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=100) as traffic:
        daemon.until(lambda: len(traffic.seen) > 20, "traffic")
        daemon.driver.apply(following(wanted, daemon.variant("stable", "2.0.0", 100)))
        daemon.until(lambda: traffic.versions["2.0.0"] > 20, "promoted")
    assert set(traffic.statuses) == {200}
    assert {server.pid for server in daemon.servers()} <= servers


def test_the_mirror_is_back_after_a_killed_daemon(daemon: Daemon) -> None:
    shadowed(daemon)
    daemon.until(daemon.ready, "ready")
    daemon.kill()
    daemon.start()
    daemon.until(daemon.ready, "ready again")
    httpx.post(f"{daemon.router}/v2/models/loans/infer", json={"inputs": []}, trust_env=False)
    daemon.until(lambda: mirrored(daemon, "answered") == 1, "a copy")
