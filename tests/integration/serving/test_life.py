"""The daemon's own life: killed, restarted, stopped, started beside another."""

from __future__ import annotations

import time

import httpx
import psutil
import pytest

from include.errors import FencedOut
from include.serving.endpoint import Health
from tests.support.serving_daemon import Daemon, following
from tests.support.traffic import Traffic


def pids(daemon: Daemon) -> set[int]:
    return {server.pid for server in daemon.servers()}


def test_a_killed_daemon_comes_back_with_its_servers(daemon: Daemon) -> None:
    wanted = daemon.live(replicas=2)
    before = pids(daemon)
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=50) as traffic:
        daemon.until(lambda: len(traffic.seen) > 20, "traffic")
        daemon.kill()
        daemon.start()
        daemon.until(daemon.ready, "ready")
        back = len(traffic.seen)
        daemon.until(lambda: len(traffic.seen) > back + 30, "traffic")
    assert pids(daemon) == before
    assert {one.status for one in traffic.seen[-20:]} == {200}
    assert traffic.statuses[500] == traffic.statuses[502] == 0
    assert daemon.observe().variants[0].restarts == 0
    with pytest.raises(FencedOut):
        daemon.driver.apply(daemon.endpoint(token=wanted.fencing_token - 1))


def test_a_server_that_died_with_the_daemon_is_replaced(daemon: Daemon) -> None:
    daemon.live(replicas=2)
    before = pids(daemon)
    daemon.kill()
    psutil.Process(min(before)).kill()
    daemon.start()
    daemon.until(daemon.ready, "ready")
    assert max(before) in pids(daemon)
    assert len(pids(daemon)) == 2


def test_an_adopted_server_that_dies_is_replaced(daemon: Daemon) -> None:
    daemon.live()
    daemon.kill()
    daemon.start()
    daemon.until(daemon.ready, "adopted")
    before = pids(daemon)
    psutil.Process(min(before)).kill()
    daemon.until(lambda: bool(pids(daemon) - before), "replaced")
    daemon.until(lambda: daemon.observe().variants[0].health is Health.READY, "ready")


def test_killed_in_the_middle_of_a_swap_nothing_is_dropped_afterwards(daemon: Daemon) -> None:
    wanted = daemon.live()
    daemon.behave("2.0.0", start_seconds=2.5)
    daemon.driver.apply(following(wanted, daemon.variant("stable", "2.0.0", 100)))
    daemon.until(lambda: len(daemon.servers()) == 2, "both run")
    daemon.kill()
    daemon.start()
    with Traffic(f"{daemon.router}/v2/models/loans/infer", rate=50) as traffic:
        daemon.until(lambda: traffic.versions["2.0.0"] > 20, "switched")
    answered = [one.status for one in traffic.seen]
    first = answered.index(200)
    assert first < 20
    assert set(answered[first:]) == {200}
    assert traffic.versions["1.0.0"] > 20
    daemon.until(lambda: len(daemon.servers()) == 1, "the old server is gone")


def test_what_was_put_and_acknowledged_survives_an_immediate_kill(daemon: Daemon) -> None:
    wanted = daemon.live()
    shifted = following(
        wanted, daemon.variant("stable", "1.0.0", 95), daemon.variant("candidate", "2.0.0", 5)
    )
    daemon.driver.apply(shifted)
    daemon.kill()
    daemon.start()
    assert daemon.observe().revision == shifted.revision
    daemon.until(daemon.ready, "ready")
    assert [state.weight for state in daemon.observe().variants] == [95, 5]


def test_a_corrupted_state_is_set_aside_and_the_others_go_on(daemon: Daemon) -> None:
    daemon.live()
    other = daemon.endpoint(daemon.variant("stable", "1.0.0", 100))
    daemon.driver.apply(type(other)("bikes", "bikes", 1, "x", 1, other.variants))
    daemon.until(lambda: daemon.ready("bikes"), "second endpoint")
    daemon.kill()
    (daemon.home / "state" / "loans.json").write_bytes(b"\x00\x00")
    daemon.start()
    daemon.until(lambda: daemon.ready("bikes"), "bikes")
    assert daemon.driver.endpoints() == ("bikes",)
    assert "loans.json cannot be read" in daemon.log
    daemon.until(lambda: len(daemon.servers()) == 1, "nobody wants the others")


def test_a_server_in_no_record_is_ended(daemon: Daemon) -> None:
    daemon.live()
    before = pids(daemon)
    daemon.kill()
    (daemon.home / "servers.json").unlink()
    daemon.start()
    daemon.until(daemon.ready, "ready")
    assert not before & pids(daemon)
    assert len(pids(daemon)) == 1


def test_sigterm_stops_everything_in_time(daemon: Daemon) -> None:
    daemon.behave("1.0.0", ignore_sigterm=True)
    daemon.live(replicas=2)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 15
    assert pids(daemon) == set()


def test_a_taken_port_is_one_line_and_an_exit_code(daemon: Daemon, tmp_path: object) -> None:
    second = Daemon(daemon.folder / "second", router_port=daemon.router_port)
    process = second.begin()
    assert process.wait(timeout=20) != 0
    assert second.log.count("\n") == 1
    assert f"127.0.0.1:{daemon.router_port}: the port is taken" in second.log
    second.close()
    assert httpx.get(f"{daemon.router}/v2/health/ready", trust_env=False).json() == {"ready": True}
