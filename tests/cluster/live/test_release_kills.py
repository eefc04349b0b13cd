"""A release in a live Airflow on KServe, whose tasks, supervisor and triggerer are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.rollouts import RolloutState
from tests.cluster.live.conftest import SEED
from tests.support.live_kserve import inference
from tests.support.live_release import LiveRelease, within
from tests.support.live_suite import (
    GATES,
    PATIENCE,
    RELEASE,
    SIGNALS_IN_BINS,
    bodies,
    check_stages,
    live,
)
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.spec.model import Spec
    from tests.support.helm import Chart
    from tests.support.installation import Installation
    from tests.support.kserve_controller.process import StandIn
    from tests.support.live_kserve import LiveKServe
    from tests.support.live_release import Victim

pytestmark = pytest.mark.timeout(1500)
WEIGHTS = (50, 100)
# KServe's routes mirror nothing.
CANARY = {"shadow": {"enabled": False}, "weights": WEIGHTS, "patience": PATIENCE}
# In the order of the release; of each line the first that is hit counts.
Kills = tuple[tuple["Victim", tuple[str, ...]], ...]
FEW: Kills = (
    ("child", ("deploy_dark", "endpoint_ready", "smoke_test")),
    ("supervisor", ("stage_50.apply", "stage_50.split")),
    ("triggerer", ("stage_50.health",)),
)
MANY: Kills = (
    *FEW,
    ("child", ("stage_100.apply", "stage_100.split")),
    ("supervisor", ("promote", "settle")),
)


@pytest.fixture
def spec(toy: Any) -> Spec:
    release = {**RELEASE, "canary": CANARY, "signals": SIGNALS_IN_BINS}
    found: Spec = toy.spec(release=release, gates=GATES)
    return found


@pytest.fixture
def suite(
    tmp_path: Path, spec: Spec, kserve: LiveKServe, chart: Chart, kubeconfig: Path
) -> Iterator[Installation]:
    def change(sources: Path, home: Path) -> None:
        kserve.furnish(chart, home)
        kserve.connect(sources / "airflow_settings.yaml", home, kubeconfig)

    with live(tmp_path, spec, 2, change) as mine:
        yield mine


def check_live(kserve: LiveKServe, release: LiveRelease) -> None:
    """Check that the promoted version is alone, as recorded and as KServe has it."""
    rollout = release.rollout()
    endpoint = release.plane.endpoint("toy")
    assert (endpoint.live_version, endpoint.owner) == (rollout.version, "")
    carrying = {one.version: one.weight for one in endpoint.variants if one.weight}
    assert carrying == {rollout.version: 100}
    service = kserve.service("toy")["spec"]
    assert not service.get("canary")
    assert rollout.version.replace(".", "-") in service["predictor"]["name"]


def test_a_release_ends_as_if_nobody_had_been_killed(
    kserve: LiveKServe, spec: Spec, release: LiveRelease
) -> None:
    released(kserve, spec, release, FEW)


@pytest.mark.soak
def test_a_release_ends_so_after_many_kills(
    kserve: LiveKServe,
    stand_in: StandIn | None,
    spec: Spec,
    release: LiveRelease,
    record: Callable[..., None],
) -> None:
    counts = {
        "kills": len(MANY),
        "requests": released(kserve, spec, release, MANY),
        "kills_that_came_too_late": release.missed,
        "requests_failed": 0,
    }
    figures = {"controller": "stand-in" if stand_in else "KServe's own"}
    record("release-kills-kserve", counts=counts, figures=figures, seed=SEED)


def released(kserve: LiveKServe, spec: Spec, release: LiveRelease, kills: Kills) -> int:
    """Release a second version under traffic and kills; return how many requests were answered."""
    requests = bodies(spec, SEED)
    release.register(0)
    within(240, lambda: kserve.answers("toy", requests[0]), "somebody answers")
    headers = kserve.headers("toy")
    with Traffic(inference("toy"), rate=20, bodies=requests, headers=headers) as traffic:
        release.end()
        assert release.rollout().state is RolloutState.PROMOTED, release.rollout().reason
        release.register(1)
        for victim, tasks in kills:
            print(release.kill(victim, tasks))
        release.end()
        check_stages(release, [("canary", weight) for weight in WEIGHTS])
        check_live(kserve, release)
    assert set(traffic.statuses) == {200}, traffic.statuses
    assert len(release.kills) == len(kills)
    return len(traffic.seen)
