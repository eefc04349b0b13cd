"""Model servers that die, hang, lie or never come up, and what their endpoint says about it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx
import psutil
import pytest

from include.errors import ServingUnavailable
from include.serving.endpoint import Health, VariantState
from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic


def pids(daemon: Daemon) -> set[int]:
    return {server.pid for server in daemon.servers()}


def state(daemon: Daemon, variant: str = "stable") -> VariantState:
    return next(one for one in daemon.observe().variants if one.name == variant)


def infer(daemon: Daemon) -> httpx.Response:
    url = f"{daemon.router}/v2/models/loans/infer"
    return httpx.post(url, json={"inputs": []}, trust_env=False)


def test_a_killed_server_is_back_and_the_other_replica_answers_meanwhile(daemon: Daemon) -> None:
    daemon.live(replicas=2)
    before = pids(daemon)
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=150) as traffic:
        daemon.until(lambda: len(traffic.seen) > 50, "traffic")
        victim = psutil.Process(min(before))
        victim.kill()
        daemon.until(lambda: state(daemon).restarts == 1, "noticed")
        back = daemon.until(lambda: len(pids(daemon)) == 2, "two servers again")
        answered = len(traffic.seen)
        daemon.until(lambda: len(traffic.seen) > answered + 50, "traffic")
    assert back < 30
    assert set(traffic.statuses) == {200}
    assert max(before) in pids(daemon)
    assert "killed by signal 9" in state(daemon).message


def test_the_only_server_killed_answers_503_until_it_is_back(daemon: Daemon) -> None:
    daemon.live()
    daemon.behave("1.0.0", start_seconds=1.0)
    psutil.Process(min(pids(daemon))).kill()
    daemon.until(lambda: state(daemon).health is Health.UNHEALTHY, "noticed")
    refused = infer(daemon)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "2"
    assert "no variant with a weight is ready" in refused.json()["detail"]
    assert state(daemon).weight == 0
    daemon.until(lambda: state(daemon).health is Health.READY, "back")
    assert infer(daemon).status_code == 200


def test_a_hanging_server_is_replaced(daemon: Daemon) -> None:
    daemon.live()
    before = pids(daemon)
    daemon.behave("1.0.0", hang=True)
    daemon.until(lambda: "health checks in a row" in state(daemon).message, "noticed")
    daemon.behave("1.0.0")
    daemon.until(lambda: state(daemon).health is Health.READY, "back")
    assert not before & pids(daemon)


def test_a_request_to_a_hanging_server_times_out(daemon: Daemon) -> None:
    daemon.live()
    daemon.behave("1.0.0", answer_seconds=5.0)
    late = infer(daemon)
    assert late.status_code == 504
    assert "no answer within 2 s" in late.json()["detail"]


def test_a_crash_loop_says_why_and_backs_off(daemon: Daemon) -> None:
    daemon.behave("1.0.0", crash_at_start=True)
    daemon.driver.apply(daemon.endpoint(daemon.variant("stable", "1.0.0", 100)))
    daemon.until(lambda: state(daemon).restarts >= 2, "several starts")
    seen = state(daemon)
    assert seen.health is Health.UNHEALTHY
    assert "exit code 1" in seen.message
    assert "ValueError: this model cannot be loaded" in seen.message
    daemon.behave("1.0.0")
    daemon.until(lambda: state(daemon).health is Health.READY, "recovered")
    assert (daemon.home / "logs" / "loans" / "stable-1.0.0-0.log.1").exists()


def test_a_server_that_never_becomes_ready(idle: Daemon) -> None:
    idle.timings["start_within"] = 0.6
    idle.start()
    idle.behave("1.0.0", never_ready=True)
    idle.driver.apply(idle.endpoint(idle.variant("stable", "1.0.0", 100)))
    assert state(idle).health is Health.STARTING
    idle.until(lambda: "not ready within 0.6 s" in state(idle).message, "given up")
    assert state(idle).health is Health.UNHEALTHY


def test_garbage_instead_of_http_is_a_bad_gateway_and_the_daemon_lives(daemon: Daemon) -> None:
    daemon.live()
    daemon.behave("1.0.0", garbage=True)
    assert infer(daemon).status_code == 502
    daemon.behave("1.0.0")
    assert infer(daemon).status_code == 200


def test_a_server_that_ignores_sigterm_is_killed(daemon: Daemon) -> None:
    wanted = daemon.live()
    daemon.behave("1.0.0", ignore_sigterm=True)
    daemon.driver.apply(following(wanted))
    gone = daemon.until(lambda: not pids(daemon), "killed", 10)
    assert gone > 1.0
    assert daemon.observe().variants == ()


@pytest.mark.parametrize("damage", ["missing", "tampered"])
def test_a_package_that_is_no_good_is_said_and_the_daemon_lives(
    daemon: Daemon, damage: str
) -> None:
    good = daemon.live()
    bad = daemon.variant("candidate", "2.0.0", 0)
    folder = Path(bad.package_uri.removeprefix("file://"))
    if damage == "missing":
        shutil.rmtree(folder)
    else:
        (folder / "weights.json").write_text("{}")
    daemon.driver.apply(following(good, *good.variants, bad))
    daemon.until(lambda: state(daemon, "candidate").health is Health.UNHEALTHY, "noticed")
    expected = (
        "weights.json: a file of the package was changed"
        if damage == "tampered"
        else "no package there"
    )
    assert expected in state(daemon, "candidate").message
    assert infer(daemon).status_code == 200
    with pytest.raises(ServingUnavailable):
        daemon.driver.smoke("loans", "candidate", "{}")


def test_model_servers_do_not_get_our_secrets(daemon: Daemon) -> None:
    daemon.live()
    environment = daemon.servers()[0].environ()
    assert not {name for name in environment if name.endswith(("_TOKEN", "_SECRET"))}
    assert environment["AIRWORTHY_SERVICE"] == "model-server"


def test_running_servers_are_on_record(daemon: Daemon) -> None:
    daemon.live()
    records = json.loads((daemon.home / "servers.json").read_text())["servers"]
    assert [record["pid"] for record in records] == [min(pids(daemon))]
    assert records[0]["started"] == pytest.approx(daemon.servers()[0].create_time(), abs=0.02)
