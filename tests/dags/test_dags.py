"""The DAG files, loaded as Airflow loads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"
HEAVY = {
    "pandas", "numpy", "sklearn", "scipy", "mlflow", "kubernetes", "kubernetes_asyncio", "hydra",
    "omegaconf", "great_expectations", "pyarrow", "slack_sdk", "tensorflow", "xgboost",
}  # fmt: skip
GENEROUS_PARSE_SECONDS = 1.0

TRAIN = {
    "acquire": ["champion"],
    "champion": ["validate"],
    "validate": ["data_verdict"],
    "data_verdict": ["publish", "quarantine", "stop_and_alert"],
    "publish": ["plan"],
    "quarantine": ["plan"],
    "stop_and_alert": ["settle"],
    "plan": ["candidates"],
    "candidates": ["fit"],
    "fit": ["ensemble", "select"],
    "ensemble": ["select"],
    "select": ["evaluate"],
    "evaluate": ["gate"],
    "gate": ["gate_verdict"],
    "gate_verdict": ["ask_override", "package", "refuse"],
    "ask_override": ["await_override"],
    "await_override": ["override_verdict"],
    "override_verdict": ["package", "refuse"],
    "package": ["track"],
    "track": ["register"],
    "register": ["settle"],
    "refuse": ["settle"],
    "settle": [],
}
MODULES = (
    "train.py", "train_parts.py", "release.py", "release_stages.py", "specs.py", ".airflowignore",
)  # fmt: skip
AFTER_THE_CANDIDATES = {"ensemble", "select"}
WEIGHTS = (5, 25, 50, 100)
STAGES = ("shadow", *(f"stage_{weight}" for weight in WEIGHTS))


def stage(name: str, following: str) -> dict[str, list[str]]:
    """Return the tasks of one stage of a release; each branch also leads on and back."""
    on = sorted([following, "roll_back"])
    return {
        f"{name}.apply": [f"{name}.split"],
        f"{name}.split": [f"{name}.health"],
        f"{name}.health": [f"{name}.verdict"],
        f"{name}.verdict": sorted([f"{name}.ask", *on]),
        f"{name}.ask": [f"{name}.answer"],
        f"{name}.answer": [f"{name}.answered"],
        f"{name}.answered": sorted([f"{name}.extend", *on]),
        f"{name}.extend": [f"{name}.health_again"],
        f"{name}.health_again": [f"{name}.verdict_again"],
        f"{name}.verdict_again": on,
    }


RELEASE = {
    "choose_version": ["open_rollout"],
    "open_rollout": ["needs_approval"],
    "needs_approval": ["deploy_dark", "open_decision"],
    "open_decision": ["await_decision"],
    "await_decision": ["decision_verdict"],
    "decision_verdict": ["deploy_dark", "refuse"],
    "refuse": ["settle"],
    "deploy_dark": ["endpoint_ready"],
    "endpoint_ready": ["smoke_test"],
    "smoke_test": ["way"],
    "way": ["first_release", "go_back", "shadow.apply"],
    "first_release": ["stage_100.apply"],
    "go_back": ["promote"],
    **stage("shadow", "stage_5.apply"),
    **stage("stage_5", "stage_25.apply"),
    **stage("stage_25", "stage_50.apply"),
    **stage("stage_50", "stage_100.apply"),
    **stage("stage_100", "promote"),
    "promote": ["settle"],
    "roll_back": ["settle"],
    "settle": [],
}
COMPLIANCE = {"live": ["report"], "report": ["index"], "index": []}
GRAPHS = {
    "compliance_report": COMPLIANCE,
    "housekeeping": {"tidy": []},
    "bike_demand_train": TRAIN,
    "bike_demand_release": RELEASE,
    "mortgage_approval_train": TRAIN,
    "mortgage_approval_release": RELEASE,
}
JOINS: dict[str, tuple[str, ...]] = {
    "bike_demand_train": ("plan", "package", "refuse"),
    "bike_demand_release": (
        "deploy_dark",
        "promote",
        "roll_back",
        *(f"{name}.apply" for name in STAGES),
    ),
}
LOAD = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.serialization.serialized_objects import DagSerialization
bag = BundleDagBag(sys.argv[1], bundle_path=Path(sys.argv[1]))
dags = {{dag_id: DagSerialization.to_dict(dag) for dag_id, dag in bag.dags.items()}}
json.dump({{"errors": bag.import_errors, "dags": dags}}, open(sys.argv[2], "w"), sort_keys=True)
"""
PARSE = """
import json, sys, time
from airflow.sdk import (DAG, Asset, BaseBranchOperator, BaseHook, BaseNotifier, BaseOperator,
    BaseOperatorLink, BaseSensorOperator, CronDataIntervalTimetable, ExceptionRetryPolicy, Param,
    TaskGroup, TriggerRule, chain)
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
cpu, wall = time.process_time(), time.perf_counter()
__import__(sys.argv[2])
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
seen = {"cpu": cpu, "wall": wall, "modules": sorted(set(sys.modules) - before)}
json.dump(seen, open(sys.argv[3], "w"))
"""


def airflow(home: Path, code: str, *arguments: str, seed: str = "0") -> None:
    """Run code in a process of its own, with an Airflow that knows nothing but the DAG folder."""
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "AIRWORTHY"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "PYTHONHASHSEED": seed,
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environ, cwd=home, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def load(home: Path, folder: Path, seed: str = "0") -> dict[str, Any]:
    out = home / f"bag-{seed}.json"
    airflow(home, LOAD.replace("{{", "{").replace("}}", "}"), str(folder), str(out), seed=seed)
    bag: dict[str, Any] = json.loads(out.read_text())
    return bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return load(tmp_path_factory.mktemp("airflow"), DAGS)


def tasks(dag: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each task with the DAG's defaults filled in where the serialised form left them."""
    return {task["__var"]["task_id"]: task["__var"] for task in dag["dag"]["tasks"]}


def plain(value: Any) -> Any:
    return value["__var"] if isinstance(value, dict) and "__var" in value else value


def setting(bag: dict[str, Any], dag_id: str, task: dict[str, Any], name: str) -> Any:
    defaults = bag["dags"][dag_id].get("client_defaults", {}).get("tasks", {})
    own = task | plain(task.get("partial_kwargs", {}))
    return plain(own.get(name, defaults.get(name)))


def test_every_file_loads(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert set(bag["dags"]) == set(GRAPHS)


@pytest.mark.parametrize("dag_id", GRAPHS)
def test_the_graph_is_exactly_this(bag: dict[str, Any], dag_id: str) -> None:
    found = tasks(bag["dags"][dag_id])
    assert {t: sorted(task.get("downstream_task_ids", [])) for t, task in found.items()} == GRAPHS[
        dag_id
    ]


@pytest.mark.parametrize("dag_id", GRAPHS)
def test_every_dag_says_whose_it_is_and_what_it_does(bag: dict[str, Any], dag_id: str) -> None:
    dag = bag["dags"][dag_id]["dag"]
    assert {"airworthy", dag_id.rsplit("_", 1)[-1]} <= set(plain(dag["tags"]))
    assert "**Purpose.**" in dag["doc_md"]
    assert "**Gates" in dag["doc_md"] or dag_id in {"compliance_report", "housekeeping"}
    assert dag["max_active_runs"] == 1
    assert dag["dagrun_timeout"] > 0
    assert dag["is_paused_upon_creation"] is False
    start = datetime.fromtimestamp(plain(dag["start_date"]), UTC)
    assert start.time() == datetime.min.time()
    assert start < datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("dag_id", GRAPHS)
def test_every_task_has_owner_pool_retries_and_limits(bag: dict[str, Any], dag_id: str) -> None:
    pool = "airworthy_training" if dag_id.endswith("_train") else "airworthy_release"
    for task_id, task in tasks(bag["dags"][dag_id]).items():
        assert setting(bag, dag_id, task, "owner") not in {None, "airflow"}, task_id
        assert setting(bag, dag_id, task, "pool") == pool, task_id
        assert setting(bag, dag_id, task, "retries") >= 3, task_id
        assert setting(bag, dag_id, task, "execution_timeout") > 0, task_id
        assert setting(bag, dag_id, task, "has_retry_policy") is True, task_id
        assert setting(bag, dag_id, task, "has_on_failure_callback") is True, task_id


def test_joins_run_after_one_branch_and_settle_always(bag: dict[str, Any]) -> None:
    for dag_id, joins in JOINS.items():
        found = tasks(bag["dags"][dag_id])
        rules = {t: task.get("trigger_rule", "all_success") for t, task in found.items()}
        assert {rules.pop(join) for join in joins} == {"none_failed_min_one_success"}
        assert rules.pop("settle") == "all_done"
        gathering = {rules.pop(t) for t in AFTER_THE_CANDIDATES if t in rules}
        assert gathering <= {"all_done_min_one_success"}
        assert set(rules.values()) == {"all_success"}


def test_bike_demand_has_real_data_intervals(bag: dict[str, Any]) -> None:
    timetable = bag["dags"]["bike_demand_train"]["dag"]["timetable"]
    assert timetable["__type"].endswith("CronDataIntervalTimetable")
    assert "AssetTriggeredTimetable" in json.dumps(bag["dags"]["bike_demand_release"]["dag"])


def test_a_release_waits_for_a_version_or_for_the_wish_to_go_back(bag: dict[str, Any]) -> None:
    told = json.dumps(bag["dags"]["mortgage_approval_release"]["dag"]["timetable"])
    assert '"__type": "asset_any"' in told
    for what in ("registered", "rollback"):
        assert f"airworthy_{what}_mortgage_approval" in told
        assert f"x-airworthy://models/mortgage_approval/{what}" in told


def test_the_forms_are_typed(bag: dict[str, Any]) -> None:
    fields = {}
    for name, param in bag["dags"]["bike_demand_train"]["dag"]["params"]:
        fields[name] = plain(param["schema"])
    assert fields["partition"]["pattern"] == r"^\d{4}-\d{2}$"
    assert fields["release"]["enum"] == ["auto", "hold"]
    assert fields["ask_override"]["type"] == "boolean"
    assert set(fields) == {"partition", "release", "ask_override", "reason"}


def test_compliance_is_reported_once_a_week_and_on_demand(bag: dict[str, Any]) -> None:
    dag = bag["dags"]["compliance_report"]["dag"]
    assert dag["timetable"]["__type"].endswith("CronTriggerTimetable")
    assert dag["timetable"]["__var"]["expression"] == "0 4 * * 1"
    fields = {name: plain(param["schema"]) for name, param in dag["params"]}
    assert set(fields) == {"model", "as_of", "reason"}
    assert fields["as_of"]["format"] == "date"
    found = tasks(bag["dags"]["compliance_report"])
    assert {t: task.get("trigger_rule", "all_success") for t, task in found.items()} == {
        "live": "all_success", "report": "all_success", "index": "all_done",
    }  # fmt: skip


def test_serialising_does_not_depend_on_the_hash_seed(tmp_path: Path, bag: dict[str, Any]) -> None:
    assert load(tmp_path, DAGS, seed="4711")["dags"] == bag["dags"]


def test_one_unusable_spec_hides_its_own_dags_only_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    for name in MODULES:
        (folder / "compiled").mkdir(parents=True, exist_ok=True)
        (folder / name).write_text((DAGS / name).read_text())
    for source in (DAGS / "models").rglob("*.yaml"):
        copy = folder / source.relative_to(DAGS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    for source in (DAGS / "compiled").glob("*.json"):
        (folder / "compiled" / source.name).write_bytes(source.read_bytes())
    (folder / "compiled" / "bike_demand.json").write_text("{}")
    yaml = folder / "models" / "mortgage_approval.yaml"
    found = load(tmp_path, folder)
    assert set(found["dags"]) == {"mortgage_approval_train", "mortgage_approval_release"}
    assert [Path(file).name for file in found["errors"]] == ["specs.py"]
    assert "bike_demand.json" in str(found["errors"])
    yaml.write_text(yaml.read_text() + "\n# changed\n")
    found = load(tmp_path, folder)
    assert found["dags"] == {}
    assert "mortgage_approval.yaml has changed" in str(found["errors"])


@pytest.mark.parametrize(
    "module", ["train", "release", "compliance_report", "housekeeping", "specs"]
)
def test_parsing_is_quick_and_loads_nothing_heavy(tmp_path: Path, module: str) -> None:
    out = tmp_path / "parse.json"
    airflow(tmp_path, PARSE, str(DAGS), module, str(out))
    seen = json.loads(out.read_text())
    cost = timedelta(seconds=seen["cpu"])
    print(f"{module}.py: {cost.total_seconds() * 1000:.0f} ms CPU, {seen['wall'] * 1000:.0f} ms")
    assert not {name.split(".")[0] for name in seen["modules"]} & HEAVY
    assert seen["cpu"] < GENEROUS_PARSE_SECONDS


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_is_a_recipe(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 100
