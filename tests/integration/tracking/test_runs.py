"""One MLflow run for each step key, on a real MLflow over SQLite."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest
from mlflow import MlflowClient  # noqa: TID251  # the other side, looked at directly

from include.errors import InfrastructureError
from include.tracking.migrate import migrate
from include.tracking.runs import STEP_KEY, Logged, Training, publish
from tests.support.mlflow_server import artifacts_of, mlflow_server

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"
    assert migrate(uri)
    return uri


@pytest.fixture
def training(tmp_path):
    document = tmp_path / "report.json"
    document.write_text("{}")
    return Training(
        model="toy",
        step_key="a" * 64,
        parameters=(("algorithm", "logistic"), ("seed", "1")),
        metrics=(Logged("auc", 0.8, 0.7, 0.9), Logged("rows", 10.0)),
        tags=(("airworthy.model", "toy"),),
        documents=(document,),
    )


def changed(training, **changes):
    return Training(**(vars(training) | changes))


def test_everything_arrives(uri, training, tmp_path):
    published = publish(uri, f"file://{tmp_path}/artifacts", training)
    client = MlflowClient(tracking_uri=uri)
    run = client.get_run(published.run_id)
    assert client.get_experiment(published.experiment_id).name == "toy"
    assert run.info.status == "FINISHED"
    assert run.data.params == {"algorithm": "logistic", "seed": "1"}
    assert run.data.metrics == {"auc": 0.8, "auc_lower": 0.7, "auc_upper": 0.9, "rows": 10.0}
    assert run.data.tags["airworthy.model"] == "toy"
    assert run.data.tags[STEP_KEY] == training.step_key
    assert [file.path for file in client.list_artifacts(published.run_id)] == ["report.json"]


@pytest.mark.timeout(180)
def test_a_server_keeps_what_is_handed_to_it(training, tmp_path):
    (tmp_path / "server").mkdir()
    with mlflow_server("127.0.0.1", tmp_path / "server") as url:
        published = publish(url, "", training)
        assert artifacts_of(url, "toy") == {published.run_id: ["report.json"]}
    assert list((tmp_path / "server" / "artifacts").rglob("report.json"))


def test_twice_is_one_run_with_one_value_of_each_metric(uri, training, tmp_path):
    key = changed(training, step_key="b" * 64)
    first = publish(uri, f"file://{tmp_path}/artifacts", key)
    second = publish(uri, f"file://{tmp_path}/artifacts", key)
    assert (first.run_id, first.is_new, second.is_new) == (second.run_id, True, False)
    client = MlflowClient(tracking_uri=uri)
    assert len(client.get_metric_history(first.run_id, "auc")) == 1


def test_killed_half_way_and_started_again_is_one_run(uri, training, tmp_path):
    """The first process dies after its metrics and before its documents, by SIGKILL."""
    script = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from include.tracking import runs\n"
        "class Deadly(type(Path())):\n"
        "    def __str__(self):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        f"runs.publish({uri!r}, 'file://{tmp_path}/artifacts', runs.Training(\n"
        f"    'toy', {'c' * 64!r}, (), (runs.Logged('auc', 0.5),), (), (Deadly('x'),)))\n"
    )
    dead = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert dead.returncode == -9, dead.stderr.decode()
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("toy").experiment_id
    found = client.search_runs([experiment], f"tags.`{STEP_KEY}` = '{'c' * 64}'")
    assert [run.info.status for run in found] == ["RUNNING"]
    again = publish(uri, f"file://{tmp_path}/artifacts", changed(training, step_key="c" * 64))
    assert again.run_id == found[0].info.run_id
    assert client.get_run(again.run_id).info.status == "FINISHED"


def test_database_that_is_none(training, tmp_path):
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(InfrastructureError, match="cannot be migrated"):
        migrate(f"sqlite:///{path}")


def test_server_migrates_itself():
    assert not migrate("http://127.0.0.1:1")


def test_migrating_twice_changes_nothing(uri):
    path = uri.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        before = database.execute("select * from alembic_version").fetchall()
    migrate(uri)
    with sqlite3.connect(path) as database:
        assert database.execute("select * from alembic_version").fetchall() == before


def test_two_processes_on_a_fresh_file(tmp_path):
    code = f"from include.tracking.migrate import migrate; migrate('sqlite:///{tmp_path}/new.db')"
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait(timeout=90) for process in both] == [0, 0]
