"""A release whose run people failed in Airflow while its candidate had traffic."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from include.client.messages.rollouts import RolloutState
from include.embedded.ports import read
from tests.soak.embedded.conftest import SEED, WEIGHTS
from tests.support.live_release import triggered, within
from tests.support.live_suite import bodies, is_ready
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.model import Spec
    from tests.support.installation import Installation
    from tests.support.live_release import LiveRelease

pytestmark = pytest.mark.timeout(1500)
GRACE_SECONDS = 125.0
WATCHED = f"stage_{WEIGHTS[0]}.health"


def tidied(release: LiveRelease) -> str:
    """Run `housekeeping` once and return how it ended."""
    run: list[str] = []

    def begun() -> bool:
        run[:] = [triggered(release.airflow, "housekeeping", {})]
        return bool(run[0])

    def state() -> str:
        return str(release.airflow.get(f"/dags/housekeeping/dagRuns/{run[0]}")["state"])

    within(60, begun, "housekeeping begins")
    within(180, lambda: state() in {"success", "failed"}, "housekeeping ends")
    return state()


def die(release: LiveRelease) -> float:
    """Fail the run as a person does while its candidate has traffic; return when."""

    def watched() -> bool:
        return bool(release.instances()[WATCHED]["state"] == "deferred")

    within(240, watched, "the candidate is watched")
    path = f"/dags/{release.dag_id}/dagRuns/{release.run_id}"
    release.airflow.call("PATCH", path, {"state": "failed"})
    within(60, release.has_ended, "the run is over")
    return time.monotonic()


def test_housekeeping_gives_its_endpoint_back_to_the_live_version(
    suite: Installation, spec: Spec, release: LiveRelease, record: Callable[..., None]
) -> None:
    router = read(suite.environ).router_url
    release.register(0)
    within(240, lambda: is_ready(router), "somebody answers")
    with Traffic(f"{router}/v2/models/toy/infer", rate=20, bodies=bodies(spec, SEED)) as traffic:
        release.end()
        release.register(1)
        died = die(release)
        dead, endpoint = release.rollout(), release.plane.endpoint("toy")
        assert (endpoint.owner, dead.state) == (dead.id, RolloutState.STAGED)
        assert tidied(release) == "failed", "the run may still settle it"
        assert release.plane.endpoint("toy") == endpoint
        time.sleep(max(0.0, died + GRACE_SECONDS - time.monotonic()))
        assert tidied(release) == "success"
        back, seen = time.monotonic() - died, len(traffic.seen)
        within(30, lambda: len(traffic.seen) > seen + 200, "traffic")
    assert {one.version for one in traffic.seen[seen + 20 :]} == {"1.0.0"}
    assert "1.0.1" in traffic.versions
    assert set(traffic.statuses) == {200}, traffic.statuses
    assert release.rollout().state is RolloutState.STOPPED
    assert release.plane.endpoint("toy").owner == ""
    told = [one for one in release.plane.alerts() if "taken from a dead release" in one.title]
    assert len(told) == 1
    counts = {"requests": len(traffic.seen), "requests_failed": 0}
    record("dead-release", counts=counts, figures={"endpoint back after, s": back}, seed=SEED)
