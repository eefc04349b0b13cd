"""From a file that arrives to an answer: a live Airflow whose steps are pods, and KServe."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import yaml

from include.client.messages.rollouts import RolloutState
from include.embedded.supervision import Supervisor
from include.spec.compute import Compute, Profile
from tests.cluster.live.conftest import SEED
from tests.support import cluster as clusters
from tests.support.live_kserve import CLAIM, LiveKServe, inference
from tests.support.live_release import within
from tests.support.live_suite import GATES, RELEASE, SIGNALS_IN_BINS, bodies, live
from tests.support.live_training import LiveTraining
from tests.support.mlflow_server import artifacts_of, mlflow_server
from tests.support.product_images import product
from tests.support.shared_folder import share
from tests.support.toy_rows import arrived
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.spec.model import Spec
    from tests.support.helm import Chart
    from tests.support.installation import Installation
    from tests.support.kserve_controller.process import StandIn
    from tests.support.live_release import LiveRelease

# The image with every step is built first, where the cluster does not have it.
pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]
# The baseline is always fitted too.
FITS = 4
SEARCH = {"candidates": ["logistic", "forest", "xgboost"], "trials": 10, "seconds": 300, "folds": 3}
COMPUTE = Compute(default=Profile(cpu="250m", memory="2Gi", scratch="1Gi"))
STEPS = ("acquire", "validate", "plan", "fit", "ensemble", "select", "evaluate", "gate", "package")
SUFFIX = re.compile(r"-[a-z0-9]{8}$")


@dataclass(frozen=True)
class World:
    """Where the suite, the cluster and MLflow meet."""

    suite: Installation
    kserve: LiveKServe
    mlflow: str

    def pods_made(self) -> Counter[str]:
        """Return how many pods there ever were by their names without the random part."""
        of_pods = ("--field-selector", "involvedObject.kind=Pod,reason=Scheduled")
        events = self.kserve.cluster.read("events", "-n", self.kserve.namespace, *of_pods)["items"]
        named = [one["involvedObject"]["name"] for one in events]
        return Counter(SUFFIX.sub("", name) for name in named if "-predictor-" not in name)

    def pods_left(self) -> list[str]:
        """Return the pods of steps that are still there."""
        labelled = ("-l", "airworthy.dev/step", "-n", self.kserve.namespace)
        found = self.kserve.cluster.read("pods", *labelled)
        return [pod["metadata"]["name"] for pod in found["items"]] if found else []

    def kill(self, program: str) -> None:
        """SIGKILL a program of the suite."""
        programs = Supervisor(self.suite.home).programs()
        psutil.Process(next(one.pid for one in programs if one.name == program)).kill()


@pytest.fixture
def spec(toy: Any) -> Spec:
    release = {**RELEASE, "policy": "auto", "signals": SIGNALS_IN_BINS}
    found: Spec = toy.spec(release=release, gates=GATES, training=SEARCH, compute=COMPUTE)
    return found


@pytest.fixture
def mlflow(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "mlflow").mkdir()
    with mlflow_server(clusters.this_machine(), tmp_path / "mlflow") as url:
        yield url


@pytest.fixture
def suite(
    tmp_path: Path, spec: Spec, kserve: LiveKServe, mlflow: str, chart: Chart, kubeconfig: Path
) -> Iterator[Installation]:
    home = tmp_path / "home"

    def change(sources: Path, home: Path) -> None:
        share(home / "store")
        share(home / "arrivals")
        kserve.furnish(chart, home)
        kserve.connect(sources / "airflow_settings.yaml", home, kubeconfig)
        connect(sources / "airflow_settings.yaml", kubeconfig)

    said = {
        "AIRWORTHY_RUNTIME": "kubernetes",
        "AIRWORTHY_STORE_CLAIM": CLAIM,
        "AIRWORTHY_STORE_MOUNT": str(home),
        "AIRWORTHY_STEPS_IMAGE": product(kserve.cluster, "steps-full"),
        "AIRWORTHY_POD_NAMESPACE": kserve.namespace,
        "AIRWORTHY_MLFLOW_URI": mlflow,
    }
    with live(tmp_path, spec, 0, change, said) as mine:
        (home / "arrivals" / "first.csv").write_bytes(arrived(600))
        yield mine


def connect(settings: Path, kubeconfig: Path) -> None:
    """Add the connection of the cluster to ``airflow_settings.yaml``."""
    told = yaml.safe_load(settings.read_text())
    told["airflow"]["connections"].append({
        "conn_id": "kubernetes_default",
        "conn_type": "kubernetes",
        "conn_extra": {"kube_config_path": str(kubeconfig)},
    })
    settings.write_text(yaml.safe_dump(told))


@pytest.fixture
def world(suite: Installation, kserve: LiveKServe, mlflow: str) -> World:
    return World(suite, kserve, mlflow)


@pytest.fixture
def training(suite: Installation) -> Iterator[LiveTraining]:
    found = LiveTraining(suite, "toy_train")
    yield found
    found.close()


def check_steps(world: World, training: LiveTraining) -> None:
    """Check that each step was one try in one pod, that its log has its lines, and that it went."""
    tries = {
        (one["task_id"], one["map_index"]): one["try_number"]
        for one in training.instances()
        if one["task_id"] in STEPS and one["state"] == "success"
    }
    assert {task for task, _ in tries} == set(STEPS)
    assert set(tries.values()) == {1}
    made = world.pods_made()
    assert {made[f"toy-fit-{index}"] for index in range(FITS)} == {1}, made
    assert set(made.values()) == {1}, made
    for index in range(FITS):
        assert "step_done" in training.log("fit", index)
        assert "trial" in training.log("fit", index)
    clusters.wait_until(lambda: not world.pods_left(), 30)


def test_a_file_arrives_and_a_model_answers(
    world: World,
    training: LiveTraining,
    release: LiveRelease,
    spec: Spec,
    stand_in: StandIn | None,
    record: Callable[..., None],
) -> None:
    known = {run["dag_run_id"] for run in release.runs()}
    began = time.monotonic()
    training.trigger(partition="first")
    training.until_deferred("fit", 2)
    world.kill("triggerer")
    state = training.end(900)
    print(training.instances())
    assert state == "success"
    trained = time.monotonic() - began
    check_steps(world, training)
    (kept,) = artifacts_of(world.mlflow, "toy").values()
    assert {"training.json", "evaluation.json", "gates.json", "registration.json"} <= set(kept)
    release.begins(known, "the release of what was trained")
    requests = bodies(spec, SEED)
    within(240, lambda: world.kserve.answers("toy", requests[0]), "somebody answers")
    headers = world.kserve.headers("toy")
    with Traffic(inference("toy"), rate=20, bodies=requests, headers=headers) as traffic:
        release.end()
    rollout = release.rollout()
    assert (rollout.state, rollout.version) == (RolloutState.PROMOTED, "1.0.0"), rollout.reason
    assert set(traffic.statuses) == {200}, traffic.statuses
    counts = {
        "requests": len(traffic.seen),
        "requests_failed": 0,
        "pods": world.pods_made().total(),
        "kills": 1,
        "step_tries_beyond_the_first": 0,
    }
    figures = {
        "controller": "stand-in" if stand_in else "KServe's own",
        "seconds_until_trained": trained,
        "seconds_until_promoted": time.monotonic() - began,
    }
    record("life-on-kubernetes", counts=counts, figures=figures, seed=SEED)
