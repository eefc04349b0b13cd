"""``airworthy serving`` and ``airworthy endpoint`` as people type them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.serving_daemon import ROOT, TOKEN, Daemon, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

AIRWORTHY = str(Path(sys.executable).with_name("airworthy"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path)
    daemon.start().live()
    yield daemon
    daemon.close()


def airworthy(
    *words: str, token: str = TOKEN, home: object = "", **told: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AIRWORTHY, *words],
        cwd=ROOT,
        env=environment(token, home, told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment(token: str, home: object, told: dict[str, object]) -> dict[str, str]:
    variables = {f"AIRWORTHY_{name.upper()}": str(value) for name, value in told.items()}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRWORTHY_")}
    return kept | variables | {"AIRWORTHY_SERVING_TOKEN": token, "AIRWORTHY_HOME": str(home)}


def test_status_says_what_is_served_and_how_it_is(served: Daemon) -> None:
    url = f"http://127.0.0.1:{served.admin_port}"
    told = airworthy("endpoint", "status", "loans", serving_url=url, home=served.folder)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[1].split() == ["stable", "1.0.0", "100", "%", "ready"]
    assert airworthy("endpoint", "status", serving_url=url, home=served.folder).stdout == (
        told.stdout
    )
    listed = airworthy("endpoint", "list", serving_url=url, home=served.folder)
    assert listed.stdout == "loans\n"


def test_status_of_a_sick_endpoint_has_its_own_exit_code(served: Daemon) -> None:
    url = f"http://127.0.0.1:{served.admin_port}"
    served.behave("1.0.0", crash_at_start=True)
    served.servers()[0].kill()
    served.until(lambda: served.observe().variants[0].health != "ready", "noticed")
    told = airworthy("endpoint", "status", "loans", serving_url=url, home=served.folder)
    assert told.returncode == 3
    assert "unhealthy" in told.stdout


def test_what_is_wrong_is_one_line(served: Daemon) -> None:
    url = f"http://127.0.0.1:{served.admin_port}"
    unknown = airworthy("endpoint", "status", "nobody", serving_url=url, home=served.folder)
    assert unknown.returncode == 20
    assert unknown.stderr.count("\n") == 1
    assert "no such endpoint" in unknown.stderr
    away = f"http://127.0.0.1:{free_port()}"
    gone = airworthy("endpoint", "list", serving_url=away, home=served.folder)
    assert gone.returncode == 30
    assert "does not answer" in gone.stderr


def test_the_daemon_says_in_one_line_why_it_cannot_start(tmp_path: Path, served: Daemon) -> None:
    ports = {"serving_port": free_port(), "router_port": served.router_port}
    taken = airworthy("serving", home=tmp_path / "other", **ports)
    assert taken.returncode == 30
    assert taken.stderr.count("\n") == 1
    assert "the port is taken" in taken.stderr
    without = airworthy("serving", token="", home=tmp_path / "other", **ports)
    assert without.returncode == 20
    assert "AIRWORTHY_SERVING_TOKEN" in without.stderr


def test_the_daemon_starts_and_stops(tmp_path: Path) -> None:
    ports = {"serving_port": free_port(), "router_port": free_port()}
    process = subprocess.Popen(
        [AIRWORTHY, "serving"],
        cwd=ROOT,
        env=environment(TOKEN, tmp_path, ports),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert '"event": "serving"' in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    finally:
        process.kill()
        process.communicate()
