"""Fixtures of releases: a registered version, a daemon that remembers, and runs of the DAG."""

from __future__ import annotations

import json
import os
import ssl
import tempfile
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.client.messages.registry import Version
    from tests.support.fake_daemon import Daemon
    from tests.support.release_run import Run

MODEL = "mortgage_approval"


@pytest.fixture
def one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one for all clients: each would make its own, in 0.1 s, and none here needs it."""
    monkeypatch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Run a daemon and the connection that leads to it."""
    from tests.support.fake_daemon import running

    with running() as server:
        connection = {"conn_type": "airworthy", "host": server.url, "password": "t"}
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY_SERVING", json.dumps(connection))
        yield server


@pytest.fixture
def register(plane: Any, tmp_path: Path, compiled: Any) -> Iterator[Callable[[str], Version]]:
    """Give what registers a package under the next number."""
    from include.client.control_plane import ControlPlane
    from include.client.messages.base import RunRef
    from include.client.workload import WorkloadTokens
    from tests.support.control_plane import SECRET

    run = RunRef(dag_id=f"{MODEL}_train", run_id="r", task_id="register")
    with ControlPlane(plane.url, WorkloadTokens(plane.url, SECRET, run)) as client:
        yield lambda name: client.register_version(
            candidate(compiled, package(tmp_path, compiled, name), name, run)
        )


@pytest.fixture
def run(
    compiled: Any, task: Any, context: Any, plane: Any, daemon: Daemon, one_tls_context: None
) -> Callable[..., Run]:
    """Return a maker of release runs: of a small spec, or of one that is changed more."""
    os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-of-tests-"))
    from tests.support.release_run import Run, small

    return lambda run_id="release_1", **changes: Run(
        small(compiled.spec, **changes), task, context, run_id, plane.approver
    )


def package(folder: Path, compiled: Any, name: str) -> Path:
    """Write what a release reads of a package."""
    from include.serving.features import FeatureContract, FeatureRule
    from include.serving.probe import CONTRACT, PROBE, Probe
    from tests.support.fake_daemon import PROBE_SCORES, PROBE_VALUES

    made = folder / "packages" / name
    made.mkdir(parents=True)
    column = compiled.spec.data.features[0]
    contract = FeatureContract(
        model=MODEL, task=compiled.spec.task, labels=(0, 1), positive=1,
        features=(FeatureRule(column=column, known=()),),
    )  # fmt: skip
    probe = Probe(rows=((1,), (0,)), values=PROBE_VALUES, scores=PROBE_SCORES)
    (made / CONTRACT).write_text(contract.model_dump_json())
    (made / PROBE).write_text(probe.model_dump_json())
    return made


def candidate(compiled: Any, folder: Path, name: str, run: Any) -> Any:
    """Return the message that registers a package."""
    from include import digest
    from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion
    from include.verdict import Verdict

    return RegisterVersion(
        model=MODEL,
        package_uri=f"file://{folder}",
        package_digest=digest.of_json(name),
        model_digest=digest.of_json([name]),
        signature='{"inputs":[],"outputs":[]}',
        dataset_digest=digest.of_json("data"),
        spec_digest=compiled.digest,
        spec_uri="file:///store/spec.json",
        metrics=(MetricValue(name="auc", value=0.79, lower=0.71, upper=0.86),),
        gates=(GateOutcome(name="ranks", verdict=Verdict.PASS, message="0.79 >= 0.6"),),
        run=run,
        release_policy="auto",
    )
