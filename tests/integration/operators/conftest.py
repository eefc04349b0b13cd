"""A registered version, an endpoint's daemon and the tasks of a release, for release tests."""

from __future__ import annotations

import json
import os
import ssl
import tempfile
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from include import digest
from include.client.control_plane import ControlPlane
from include.client.messages.base import RunRef
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion, Version
from include.client.workload import WorkloadTokens
from include.serving.features import FeatureContract, FeatureRule
from include.serving.probe import CONTRACT, PROBE, Probe
from include.verdict import Verdict
from tests.support.control_plane import SECRET
from tests.support.fake_daemon import PROBE_SCORES, PROBE_VALUES, Daemon, running
from tests.support.release_run import Run, small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-of-tests-"))
MODEL = "mortgage_approval"


@pytest.fixture(autouse=True)
def one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one for all clients: each would make its own, in 0.1 s, and none here needs it."""
    monkeypatch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Run a daemon and the connection that leads to it."""
    with running() as server:
        connection = {"conn_type": "airworthy", "host": server.url, "password": "t"}
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY_SERVING", json.dumps(connection))
        yield server


@pytest.fixture
def register(plane: Any, tmp_path: Path, compiled: Any) -> Iterator[Callable[[str], Version]]:
    """Give what registers a package under the next number."""
    run = RunRef(dag_id=f"{MODEL}_train", run_id="r", task_id="register")
    client = ControlPlane(plane.url, WorkloadTokens(plane.url, SECRET, run))

    def made(name: str) -> Version:
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True)
        column = compiled.spec.data.features[0]
        contract = FeatureContract(
            model=MODEL, task=compiled.spec.task, labels=(0, 1), positive=1,
            features=(FeatureRule(column=column, known=()),),
        )  # fmt: skip
        probe = Probe(rows=((1,), (0,)), values=PROBE_VALUES, scores=PROBE_SCORES)
        (folder / CONTRACT).write_text(contract.model_dump_json())
        (folder / PROBE).write_text(probe.model_dump_json())
        return client.register_version(
            RegisterVersion(
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
        )

    yield made
    client.close()


@pytest.fixture
def run(compiled: Any, task: Any, context: Any, plane: Any, daemon: Daemon) -> Callable[..., Run]:
    """Return a maker of release runs: of a small spec, or of one that is changed more."""
    return lambda run_id="release_1", **changes: Run(
        small(compiled.spec, **changes), task, context, run_id, plane.approver
    )
