"""Held-back rows against a real serving daemon: split, versions, labels, and the command."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from include.replay.held_back import held_back
from include.replay.traffic import Pace, Replay, Target
from tests.support.replay_zone import ROOT, Zone, mortgage, spec_of
from tests.support.serving_daemon import OUTCOMES_TOKEN, following

if TYPE_CHECKING:
    from include.evidence.tally import Evidence
    from include.replay.tally import ReplaySummary
    from tests.support.serving_daemon import Daemon

MODEL = "mortgage_approval"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    made = Zone(tmp_path)
    made.write(f"{MODEL}/2026q3.csv", [mortgage(n) for n in range(5)])
    wrong = {"approve": "0", "action": "3", "reject": "1"}
    apart = [mortgage(n, **(wrong if n % 5 == 0 else {})) for n in range(10, 30)]
    made.write(f"replay/{MODEL}/held_back.csv", [mortgage(3), *apart])
    return made


def send(daemon: Daemon, zone: Zone, **pace: Any) -> ReplaySummary:
    held = held_back(spec_of(MODEL), zone.zone)
    target = Target(daemon.router, "loans", OUTCOMES_TOKEN)
    return asyncio.run(Replay(held, target, Pace(**{"label_delay": 0.2, **pace})).run())


def evidence(daemon: Daemon, revision: int) -> Evidence:
    async def asked() -> Evidence:
        return await daemon.driver.evidence("loans", revision)

    return asyncio.run(asked())


def test_every_answer_gets_its_label_and_every_version_its_share(
    daemon: Daemon, zone: Zone
) -> None:
    live = daemon.live()
    canary = daemon.variant("canary", "1.1.0", 25)
    stable = daemon.variant("stable", "1.0.0", 75)
    daemon.driver.apply(following(live, stable, canary))
    daemon.until(lambda: daemon.ready() and len(daemon.observe().variants) == 2, "both are ready")
    told = send(daemon, zone, rate=100, requests=200)
    assert (told.sent, told.answered, told.failed) == (200, 200, 0)
    assert told.by_version == {"1.0.0": 150, "1.1.0": 50}
    assert (told.labels.accepted, told.labels.lost, told.labels.unknown) == (200, 0, 0)
    assert told.applications == 20
    assert "1 held-back row(s) had arrived" in told.claim
    counted = evidence(daemon, 2)
    labelled = {one.version: one.losses.squared.count for one in counted.tallies}
    assert labelled == {"1.0.0": 150, "1.1.0": 50}
    # The fake servers say 0.25 of everybody; a fifth of the applications were denied.
    total = sum(one.losses.squared.total for one in counted.tallies)
    assert total / 200 == pytest.approx(0.8 * 0.75**2 + 0.2 * 0.25**2)


def test_a_daemon_that_is_killed_is_counted_as_failures_and_its_labels_as_lost_or_late(
    daemon: Daemon, zone: Zone
) -> None:
    daemon.live()
    daemon.kill()
    told = send(daemon, zone, rate=50, requests=5)
    assert (told.answered, told.failed, told.failures) == (0, 5, {"ConnectError": 5})


def test_the_command_sends_tells_and_keeps_its_counts(
    daemon: Daemon, zone: Zone, tmp_path: Path
) -> None:
    # The command finds its endpoint by the spec.
    stable = daemon.variant("stable", "1.0.0", 100)
    endpoint = daemon.endpoint(stable)
    daemon.driver.apply(type(endpoint)(MODEL, MODEL, 1, "somebody", 1, (stable,)))
    daemon.until(lambda: daemon.ready(MODEL), "live")
    done = command(daemon, zone, MODEL, "--requests", "30", "--rate", "100", "--for", "0",
                   "--label-delay", "0", "--summary", str(tmp_path / "told.json"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "30 sent" in done.stdout
    assert "30 accepted" in done.stdout
    assert "20 distinct applications that never arrived" in done.stdout
    assert json.loads((tmp_path / "told.json").read_text())["by_version"] == {"1.0.0": 30}


def test_a_model_without_held_back_rows_is_refused_in_words(daemon: Daemon, zone: Zone) -> None:
    zone.write("bike_demand/2011-01.csv", [{"instant": "1", "dteday": "2011-01-01", "cnt": "1"}])
    done = command(daemon, zone, "bike_demand")
    assert done.returncode == 1
    assert "its split is by time" in done.stderr


def command(daemon: Daemon, zone: Zone, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if "AIRWORTHY" not in name}
    return subprocess.run(
        [str(Path(sys.executable).with_name("airworthy")), "replay", *words],
        env={
            **environ,
            "AIRWORTHY_HOME": str(zone.folder / "home"),
            "AIRWORTHY_ARRIVALS": f"file://{zone.folder}/arrivals",
            "AIRWORTHY_STORE": f"file://{zone.folder}/store",
            "AIRWORTHY_ROUTER_PORT": str(daemon.router_port),
            "AIRWORTHY_OUTCOMES_TOKEN": OUTCOMES_TOKEN,
        },
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
