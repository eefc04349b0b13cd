"""Releases in a live Airflow whose task, task supervisor and triggerer are killed with SIGKILL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.rollouts import RolloutState
from include.embedded.ports import read
from tests.soak.embedded.conftest import SEED, WEIGHTS
from tests.support.live_release import within
from tests.support.live_suite import bodies, check_stages, is_ready
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.model import Spec
    from tests.support.installation import Installation
    from tests.support.live_release import Kill, LiveRelease, Victim

pytestmark = pytest.mark.timeout(2400)
PLANNED = [("shadow", 100), *(("canary", weight) for weight in WEIGHTS)]
# In each release all three, in another order and at other tasks; the first that is hit counts.
ROUNDS: tuple[tuple[tuple[Victim, tuple[str, ...]], ...], ...] = (
    (
        ("child", ("deploy_dark", "endpoint_ready", "smoke_test")),
        ("supervisor", ("shadow.apply", "shadow.split", "shadow.verdict")),
        ("triggerer", ("stage_50.health", "stage_100.health")),
    ),
    (
        ("supervisor", ("open_rollout", "needs_approval", "deploy_dark")),
        ("triggerer", ("shadow.health", "stage_20.health")),
        ("child", ("stage_50.verdict", "stage_100.apply", "stage_100.verdict")),
    ),
    (
        ("triggerer", ("stage_20.health", "stage_50.health")),
        ("child", ("stage_100.apply", "stage_100.split", "stage_100.verdict")),
        ("supervisor", ("promote", "settle")),
    ),
)


def check(release: LiveRelease, spec: Spec) -> dict[str, Any]:
    """Check that a release ended as one in which nobody was killed; return how it was resumed."""
    check_stages(release, PLANNED)
    rollout = release.rollout()
    assert release.instances()["settle"]["state"] == "success"
    endpoint = release.plane.endpoint(spec.release.endpoint)
    assert (endpoint.live_version, endpoint.owner) == (rollout.version, "")
    carrying = {one.version: one.weight for one in endpoint.variants if one.weight}
    assert carrying == {rollout.version: 100}
    return {f"{kill.victim} {kill.task}": resumed(release, kill) for kill in release.kills}


def resumed(release: LiveRelease, kill: Kill) -> float:
    """Return the seconds from a kill until the task's next try began, or its trigger had fired."""
    last = release.tries(kill.task)[-1]
    moment = last["start_date"] if kill.victim != "triggerer" else last["end_date"]
    return float(datetime.fromisoformat(moment).timestamp() - kill.at)


def test_every_release_ends_as_if_nobody_had_been_killed(
    suite: Installation,
    spec: Spec,
    release: LiveRelease,
    record: Callable[..., None],
) -> None:
    router = read(suite.environ).router_url
    hits: list[Kill] = []
    figures: dict[str, Any] = {}
    missed = 0
    release.register(0)
    within(240, lambda: is_ready(router), "somebody answers")
    with Traffic(f"{router}/v2/models/toy/infer", rate=20, bodies=bodies(spec, SEED)) as traffic:
        release.end()
        assert release.rollout().state is RolloutState.PROMOTED, release.rollout().reason
        for number, kills in enumerate(ROUNDS, start=1):
            release.register(number)
            for victim, tasks in kills:
                release.kill(victim, tasks)
            release.end()
            resumptions = check(release, spec)
            figures[f"release {number}: seconds until resumed"] = resumptions
            hits += release.kills
            missed += release.missed
            print(resumptions, traffic.statuses)
    assert set(traffic.statuses) == {200}, traffic.statuses
    counts = {
        "releases": len(ROUNDS),
        "promoted": len(ROUNDS),
        "kills": len(hits),
        "kills_that_came_too_late": missed,
        "requests": len(traffic.seen),
        "requests_failed": 0,
    }
    record("release-kills-live", counts=counts, figures=figures, seed=SEED)
