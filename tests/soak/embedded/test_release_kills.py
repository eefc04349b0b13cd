"""Releases in a live Airflow whose task, task supervisor and triggerer are killed with SIGKILL."""

from __future__ import annotations

import random
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.embedded.ports import read
from include.replay import request
from include.spec import compiled
from include.spec.model import CompiledSpec
from tests.support.installation import copied, installed
from tests.support.live_release import LiveRelease, within
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.spec.model import Spec
    from tests.support.installation import Installation
    from tests.support.live_release import Kill, Victim

pytestmark = pytest.mark.timeout(2400)
SEED = 20261124
WEIGHTS = (20, 50, 100)
PATIENCE = {"min_requests": 20, "min_seconds": 5, "deadline_minutes": 10}
# Few requests have to be enough: what is judged is not the subject here.
RELEASE = {
    "endpoint": "toy",
    "first_release": {"required": False, "patience": PATIENCE},
    "canary": {"shadow": {"patience": PATIENCE}, "weights": WEIGHTS, "patience": PATIENCE},
    "signals": {
        "errors": {"max_share": 0.5},
        "latency": {"limit_ms": 10_000, "max_share": 0.5, "max_increase": 0.5},
        "distribution": {"max_distance": 0.95},
        "agreement": {"max_disagreement": 0.95},
    },
    "newer_version": "queue",
    "latency_limit_ms": 10_000,
}
# What the audit says of a release, in order: before its stages, and of each stage.
BEFORE = ("rollout.opened", "rollout.approved", "rollout.dark", "rollout.verified")
STAGE = tuple(f"rollout.stage_{what}" for what in ("applied", "wanted", "observed", "passed"))
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


@pytest.fixture
def spec(toy: Any) -> Spec:
    gates = [{"name": "ranks", "metric": "auc", "at_least": 0.3}]
    found: Spec = toy.spec(release=RELEASE, gates=gates)
    return found


@pytest.fixture
def suite(tmp_path: Path, spec: Spec, is_slice: bool) -> Iterator[Installation]:
    """A suite over a copy of the sources with one model, of which four packages are made."""
    if is_slice:
        pytest.skip("a live suite and one release take longer than the whole slice may")
    sources = copied(tmp_path / "sources")
    whole = CompiledSpec(
        environment="embedded",
        sources={},
        origins=(),
        digest=compiled.digest_of(spec),
        spec=spec,
    )
    file = compiled.write(whole, sources / "dags" / "compiled")
    support = Path(__file__).parents[2] / "support"
    shutil.copy(support / "registering_dag.py", sources / "dags")
    (tmp_path / "home").mkdir()
    with installed(tmp_path / "home", sources) as mine:
        make = [str(mine.home.steps), "-m", "tests.support.toy_packages"]
        number = str(1 + len(ROUNDS))
        made = subprocess.run(
            [*make, str(file), number],
            env=mine.environ,
            cwd=support.parents[1],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        started = mine.call("up")
        assert started.returncode == 0, started.stdout + started.stderr
        yield mine


@pytest.fixture
def release(suite: Installation) -> Iterator[LiveRelease]:
    found = LiveRelease(suite, "toy_release", random.Random(SEED))
    yield found
    found.close()


def bodies(spec: Spec, number: int = 200) -> tuple[bytes, ...]:
    """Return requests that differ, so that predictions have a distribution."""
    chance = random.Random(SEED)
    return tuple(
        request.body(
            spec.data.features,
            [(chance.gauss(0, 1), chance.randrange(9), chance.random() < 0.5, "Ames", "2")],
        )
        for _ in range(number)
    )


def is_ready(router: str) -> bool:
    try:
        return httpx.get(f"{router}/v2/models/toy/ready", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def check(release: LiveRelease, spec: Spec) -> dict[str, Any]:
    """Check that a release ended as one in which nobody was killed; return how it was resumed."""
    check_stages(release)
    rollout = release.rollout()
    assert release.instances()["settle"]["state"] == "success"
    endpoint = release.plane.endpoint(spec.release.endpoint)
    assert (endpoint.live_version, endpoint.owner) == (rollout.version, "")
    carrying = {one.version: one.weight for one in endpoint.variants if one.weight}
    assert carrying == {rollout.version: 100}
    return {f"{kill.victim} {kill.task}": resumed(release, kill) for kill in release.kills}


def check_stages(release: LiveRelease) -> None:
    """Check that each stage is recorded once, in order, with its weight, and so in the audit."""
    rollout = release.rollout()
    told = {one.index: one for one in rollout.stages}
    assert rollout.state is RolloutState.PROMOTED, rollout.reason
    assert [one.index for one in rollout.stages] == [0, 1, 2, 3]
    assert {one.state for one in rollout.stages} == {StageState.PASSED}, told
    planned = [(stage.kind, stage.percent) for stage in rollout.plan.stages]
    assert planned == [("shadow", 100), *(("canary", weight) for weight in WEIGHTS)]
    revisions = [one.revision for one in rollout.stages]
    assert revisions == sorted(set(revisions)), "one revision a stage, in order"
    began = [one.began_at for one in rollout.stages]
    assert began == sorted(began)
    audited = [event.action for event in release.plane.rollout_events(rollout.id)]
    assert audited == [*BEFORE, *STAGE * len(planned), "rollout.promoted"]


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
    with Traffic(f"{router}/v2/models/toy/infer", rate=20, bodies=bodies(spec)) as traffic:
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
