"""The DAG files, loaded as Airflow loads them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.loaded_dags import DAGS, load

if TYPE_CHECKING:
    from pathlib import Path


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
