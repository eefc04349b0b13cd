"""A live suite with one model, of which packages were made beforehand."""

from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.replay import request
from include.spec import compiled
from tests.support.compiled_specs import as_compiled
from tests.support.installation import copied, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from include.spec.model import Spec
    from tests.support.installation import Installation
    from tests.support.live_release import LiveRelease

SUPPORT = Path(__file__).parent
PATIENCE = {"min_requests": 20, "min_seconds": 5, "deadline_minutes": 10}
GATES = [{"name": "ranks", "metric": "auc", "at_least": 0.3}]
# Few requests have to be enough: what is judged is not the subject here.
SIGNALS = {
    "errors": {"max_share": 0.5},
    "latency": {"limit_ms": 10_000, "max_share": 0.5, "max_increase": 0.5},
    "distribution": {"max_distance": 0.95},
}
# Servers on KServe count in bins, so that a limit has to be an edge of one.
SIGNALS_IN_BINS = {**SIGNALS, "latency": {**SIGNALS["latency"], "limit_ms": 9412.34}}
RELEASE = {
    "endpoint": "toy",
    "first_release": {"required": False, "patience": PATIENCE},
    "newer_version": "queue",
    "latency_limit_ms": 10_000,
}
# What the audit says of a release, in order: before its stages, and of each stage.
BEFORE = ("rollout.opened", "rollout.approved", "rollout.dark", "rollout.verified")
STAGE = tuple(f"rollout.stage_{what}" for what in ("applied", "wanted", "observed", "passed"))


@contextmanager
def live(
    folder: Path,
    spec: Spec,
    packages: int,
    change: Callable[[Path, Path], None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Installation]:
    """Bring up a suite over a copy of the sources; ``change`` is given the copy and the home."""
    sources, home = copied(folder / "sources"), folder / "home"
    home.mkdir()
    whole = as_compiled(spec, "embedded")
    file = compiled.write(whole, sources / "dags" / "compiled")
    shutil.copy(SUPPORT / "registering_dag.py", sources / "dags")
    if change is not None:
        change(sources, home)
    with installed(home, sources) as mine:
        mine.environ.update(environ or {})
        _package(mine, file, packages)
        started = mine.call("up")
        assert started.returncode == 0, started.stdout + started.stderr
        yield mine


def _package(mine: Installation, file: Path, number: int) -> None:
    words = [str(mine.home.steps), "-m", "tests.support.toy_packages", str(file), str(number)]
    made = subprocess.run(
        words,
        env=mine.environ,
        cwd=SUPPORT.parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert made.returncode == 0, made.stdout + made.stderr


def check_stages(release: LiveRelease, planned: list[tuple[str, int]]) -> None:
    """Check that each stage is recorded once, in order, with its weight, and so in the audit."""
    rollout = release.rollout()
    told = {one.index: one for one in rollout.stages}
    assert rollout.state is RolloutState.PROMOTED, rollout.reason
    assert [one.index for one in rollout.stages] == list(range(len(planned)))
    assert {one.state for one in rollout.stages} == {StageState.PASSED}, told
    assert [(stage.kind, stage.percent) for stage in rollout.plan.stages] == planned
    revisions = [one.revision for one in rollout.stages]
    assert revisions == sorted(set(revisions)), "one revision a stage, in order"
    began = [one.began_at for one in rollout.stages]
    assert began == sorted(began)
    audited = [event.action for event in release.plane.rollout_events(rollout.id)]
    assert audited == [*BEFORE, *STAGE * len(planned), "rollout.promoted"]


def bodies(spec: Spec, seed: int, number: int = 200) -> tuple[bytes, ...]:
    """Return requests that differ, so that predictions have a distribution."""
    chance = random.Random(seed)
    return tuple(
        request.body(
            spec.data.features,
            [(chance.gauss(0, 1), chance.randrange(9), chance.random() < 0.5, "Ames", "2")],
        )
        for _ in range(number)
    )


def is_ready(router: str) -> bool:
    """Say whether the router has somebody who answers."""
    try:
        return httpx.get(f"{router}/v2/models/toy/ready", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
