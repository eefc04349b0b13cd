"""The compliance report of a released version, from a real control plane and a real store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.client.messages.runs import ReportRun, RunState
from include.errors import BadInput, NotFound, RunEnded
from operators.hooks.airworthy import AirworthyHook
from operators.list_live_models import ListLiveModelsOperator
from operators.run import run_ref
from operators.write_compliance_index import WriteComplianceIndexOperator
from operators.write_compliance_report import WriteComplianceReportOperator
from tests.support.compliance import DOCUMENTS, STEPS, Held
from tests.support.release_run import FIRST, MODEL

TODAY = datetime.now(UTC)
FOLDER = Path("reports/compliance") / str(TODAY.date())


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/store")
    return tmp_path / "store"


@pytest.fixture
def act(task: Any, context: Any) -> Any:
    """Return what runs an operator as a task of a run of the DAG."""

    def run(operator: Any, **params: str) -> Any:
        task.dag_id, task.run_id, task.task_id = "compliance_report", "manual_1", operator.task_id
        value = operator.execute(context(run_after=TODAY, params=params))
        task.xcoms[operator.task_id, "return_value"] = value
        return value

    return run


def reported(act: Any, **params: str) -> Any:
    """Run the whole DAG: the list, one report each, the index."""
    live = act(ListLiveModelsOperator(task_id="live"), **params)
    for one in live:
        act(WriteComplianceReportOperator(task_id="report", live=one), **params)
    act(WriteComplianceIndexOperator(task_id="index", listed="live"), **params)
    return live


def read(store: Path) -> Any:
    return json.loads((store / FOLDER / f"{MODEL}.json").read_text())["contents"]


def rows(found: Any, section: str, title: str) -> list[dict[str, Any]]:
    parts = next(one for one in found["sections"] if one["id"] == section)
    table = next(one for one in parts["tables"] if one["title"].startswith(title))
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def test_a_released_version_is_reported_with_its_gaps(
    run: Any, register: Any, store: Path, act: Any
) -> None:
    register("a")
    run().through(*FIRST, "settle")
    assert [one["version"] for one in reported(act)] == ["1.0.0"]
    found = read(store)
    assert rows(found, "deployments", "Versions")[0]["version"] == "1.0.0"
    stage = rows(found, "rollouts", "Their stages")[0]
    assert (stage["state"], stage["verdict"], stage["wanted %"]) == ("passed", "pass", 100)
    assert rows(found, "decisions", "Decisions")[0]["by"] == "approver"
    assert rows(found, "rollouts", "Audit events")
    # Nothing was trained here: the registry knows of a run that left no record.
    gaps = {gap["section"] for gap in found["gaps"]}
    assert {"data", "training", "metrics", "fairness", "explanations", "digests"} <= gaps
    assert "no record" in (store / FOLDER / f"{MODEL}.html").read_text()
    assert f"{MODEL}.html" in (store / FOLDER / "index.html").read_text()


def test_what_steps_left_fills_the_report(
    run: Any, register: Any, store: Path, act: Any, compiled: Any, task: Any, context: Any
) -> None:
    register("a")
    run().through(*FIRST, "settle")
    trained(store, compiled, task, context)
    reported(act)
    found = read(store)
    assert "training" not in {gap["section"] for gap in found["gaps"]}
    assert rows(found, "training", "Candidates")[0]["candidate"] == "xgboost"
    checked = {row["evidence"]: row["checked"] for row in rows(found, "digests", "Objects")}
    assert checked["select/selection"] == "matches"
    # The evaluation speaks of another model than the one that was registered, and is not believed.
    assert any("evaluated model is not the registered one" in g["what"] for g in found["gaps"])


def trained(store: Path, compiled: Any, task: Any, context: Any) -> None:
    """Let the training run of the registered version have left its results and its record."""
    held = Held(compiled)
    for (step, name), document in DOCUMENTS.items():
        held.put(step, name, document)
    root = f"file://{store}"
    for uri, data in held.objects.items():
        path = store / uri.removeprefix("mem://")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(b"mem:/", root.encode()))
    task.dag_id, task.run_id, task.task_id = f"{MODEL}_train", "r", "settle"
    ref = run_ref(context())
    results = {step: f"{root}/{step}/result.json" for step in STEPS}
    message = ReportRun(run=ref, model=MODEL, kind="train", partition="2026q3",
                        state=RunState.SUCCEEDED, version="1.0.0", results=results)  # fmt: skip
    with AirworthyHook().control_plane(ref) as control_plane:
        control_plane.report_run(message)


def test_again_gives_the_same_but_for_the_time(
    run: Any, register: Any, store: Path, act: Any
) -> None:
    register("a")
    run().through(*FIRST, "settle")
    reported(act)
    first = read(store)
    reported(act, model=MODEL)
    assert read(store) == first


def test_where_nothing_is_live_the_index_says_so(plane: Any, store: Path, act: Any) -> None:
    assert reported(act) == []
    assert "Nothing was live." in (store / FOLDER / "index.html").read_text()


def test_a_report_that_failed_is_named_and_ends_the_run(
    run: Any, register: Any, store: Path, act: Any
) -> None:
    register("a")
    run().through(*FIRST, "settle")
    act(ListLiveModelsOperator(task_id="live"))
    with pytest.raises(RunEnded, match=f"no report of {MODEL} 1.0.0"):
        act(WriteComplianceIndexOperator(task_id="index", listed="live"))
    assert "no report: see the task" in (store / FOLDER / "index.html").read_text()


def test_without_a_list_there_is_no_index(plane: Any, store: Path, act: Any) -> None:
    with pytest.raises(BadInput, match="no list"):
        act(WriteComplianceIndexOperator(task_id="index", listed="live"))


@pytest.mark.parametrize("asked", ["yesterday", "2999-01-01"])
def test_a_day_that_is_none_or_ahead_is_refused(
    plane: Any, store: Path, act: Any, asked: str
) -> None:
    with pytest.raises(BadInput, match="day"):
        act(ListLiveModelsOperator(task_id="live"), as_of=asked)


def test_a_model_that_is_not_live_is_refused(plane: Any, store: Path, act: Any) -> None:
    with pytest.raises(NotFound, match="ames"):
        act(ListLiveModelsOperator(task_id="live"), model="ames")
