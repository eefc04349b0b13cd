"""Fixtures of releases that are really served: a real daemon and router over fake model servers.

A module takes them in the place of what only remembers: ``daemon = served_daemon``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.client.messages.registry import Version
    from include.client.messages.rollouts import Rollout
    from tests.support.serving_daemon import Daemon

MODEL = "mortgage_approval"
# What a fake model server answers to any row, unless a test has it behave otherwise.
VALUE, SCORE = 0, 0.25


@pytest.fixture
def served_timings() -> dict[str, float]:
    """Return the daemon's waits: as patient as it is in earnest."""
    return {}


@pytest.fixture
def served_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served_timings: dict[str, float]
) -> Iterator[Daemon]:
    """Run a daemon and the connection that leads to it."""
    from tests.support.serving_daemon import TOKEN, Daemon

    real = Daemon(tmp_path / "daemon", timings=served_timings)
    host = f"http://127.0.0.1:{real.admin_port}"
    connection = {"conn_type": "airworthy", "host": host, "password": TOKEN}
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY_SERVING", json.dumps(connection))
    try:
        yield real.start()
    finally:
        real.close()


@pytest.fixture
def served_register(
    plane: Any, compiled: Any, served_daemon: Daemon
) -> Iterator[Callable[[str], Version]]:
    """Give what registers a package, under the next number, that the daemon can serve."""
    from include import digest
    from include.client.control_plane import ControlPlane
    from include.client.messages.base import RunRef
    from include.client.workload import WorkloadTokens
    from tests.support.control_plane import SECRET
    from tests.support.release_fixtures import candidate

    run = RunRef(dag_id=f"{MODEL}_train", run_id="r", task_id="register")
    with ControlPlane(plane.url, WorkloadTokens(plane.url, SECRET, run)) as client:

        def registered(name: str) -> Version:
            uri, sealed = publish(served_daemon, compiled.spec, name)
            own = {"package_uri": uri, "package_digest": sealed}
            own["model_digest"] = digest.of_json(uri)
            told = candidate(compiled, served_daemon.folder, name, run)
            return client.register_version(told.model_copy(update=own))

        yield registered


def publish(daemon: Daemon, spec: Any, name: str) -> tuple[str, str]:
    """Put a package of the spec's model into the daemon's store; return its URI and digest."""
    from include.serving import package

    draft = daemon.folder / "drafts" / name
    draft.mkdir(parents=True)
    _write(draft, spec, name)
    sealed = package.seal(draft, model=spec.model, model_digest="0" * 64)
    target = daemon.folder / "store" / "packages" / sealed.digest
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(target)
    return f"{daemon.store}/packages/{sealed.digest}", sealed.digest


def _write(folder: Path, spec: Any, name: str) -> None:
    """Write what a smoke test reads, and something that no other package has."""
    from include.serving.features import FeatureContract, FeatureRule
    from include.serving.probe import CONTRACT, PROBE, Probe

    rule = FeatureRule(column=spec.data.features[0], known=())
    contract = FeatureContract(
        model=spec.model, task=spec.task, labels=(0, 1), positive=1, features=(rule,)
    )
    probe = Probe(rows=((1,), (0,)), values=(VALUE, VALUE), scores=(SCORE, SCORE))
    (folder / CONTRACT).write_text(contract.model_dump_json())
    (folder / PROBE).write_text(probe.model_dump_json())
    (folder / "weights.json").write_text(json.dumps({"name": name}))


def rollout_of(plane: Any, version: str) -> Rollout:
    """Return the one rollout of a version."""
    (found,) = [one for one in plane.approver.rollouts(model=MODEL) if one.version == version]
    rollout: Rollout = found
    return rollout
