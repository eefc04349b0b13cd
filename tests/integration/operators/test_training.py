"""The tasks around the steps of a training run, against a real control plane."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.runs import RunState
from include.errors import BadInput, RunEnded
from include.evaluation.report import GateReport, GateResult
from include.steps.contract import Artifact, StepResult
from include.verdict import Verdict
from operators.acquire_partition import AcquirePartitionOperator
from operators.branch_on_gates import BranchOnGatesOperator
from operators.branch_on_outcome import BranchOnOutcomeOperator
from operators.raise_alert import RaiseAlertOperator
from operators.register_version import RegisterVersionOperator
from operators.settle_training import SettleTrainingOperator

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "mortgage_approval"


@pytest.fixture
def leave(tmp_path: Path, task: Any) -> Any:
    """Return what leaves a step's result as its task would."""

    def made(step: str, outcome: str, **artifacts: str) -> None:
        folder = tmp_path / "results" / step
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        for name, text in artifacts.items():
            (folder / name).write_text(text)
            found.append(Artifact(name=name, uri=f"file://{folder}/{name}", sha256="", size=0))
        result = StepResult(
            step=step, key="k", outcome=outcome, verdict=Verdict.PASS, message=f"{step} says so",
            artifacts=tuple(found),
        )  # fmt: skip
        (folder / "result.json").write_text(result.model_dump_json())
        task.xcoms[step, "return_value"] = f"file://{folder}/result.json"

    return made


DRAFT = json.dumps({
    "model": MODEL, "package_uri": "file:///store/packages/a", "package_digest": "a" * 64,
    "model_digest": "b" * 64, "signature": '{"inputs":[],"outputs":[]}', "dataset_digest": "c" * 64,
    "spec_digest": "d" * 64, "spec_uri": "file:///store/specs/d.json",
    "metrics": [], "gates": [{"name": "ranks", "verdict": "pass", "message": "fine"}],
})  # fmt: skip
TRACKING = json.dumps({"run_id": "mlflow-1", "experiment_id": "1"})


def test_a_branch_follows_the_outcome(leave: Any, context: Any) -> None:
    branch = BranchOnOutcomeOperator(task_id="b", of="validate", branches={"accept": "publish"})
    leave("validate", "accept")
    assert branch.choose_branch(context()) == "publish"


def test_an_outcome_without_a_branch_follows_nothing(leave: Any, context: Any) -> None:
    branch = BranchOnOutcomeOperator(task_id="b", of="validate", branches={"accept": "publish"})
    leave("validate", "rejected")
    with pytest.raises(BadInput, match="no branch"):
        branch.choose_branch(context())


@pytest.mark.parametrize(
    ("outcome", "params", "chosen"),
    [
        ("pass", {}, "package"),
        ("pass", {"ask_override": True}, "package"),
        ("fail", {}, "refuse"),
        ("fail", {"ask_override": False}, "refuse"),
        ("fail", {"ask_override": "yes"}, "refuse"),
        *((word, {"ask_override": True}, "ask_override") for word in
          ("fail", "inconclusive", "no_data", "error")),
    ],
)  # fmt: skip
def test_gates_lead_on_refuse_or_ask(
    leave: Any, context: Any, outcome: str, params: dict[str, Any], chosen: str
) -> None:
    branch = BranchOnGatesOperator(
        task_id="b", of="gate", passed="package", ask="ask_override", refuse="refuse"
    )
    leave("gate", outcome)
    assert branch.choose_branch(context(params=params)) == chosen


def register(compiled: Any, context: Any, **changes: Any) -> tuple[Any, str]:
    operator = RegisterVersionOperator(task_id="register", spec=compiled.spec)
    changes.setdefault("params", {"release": "auto"})
    return operator, operator.execute(context(**changes))


def test_it_registers_with_everything_the_steps_found(
    leave: Any, context: Any, compiled: Any, plane: Any
) -> None:
    leave("package", "packaged", registration=DRAFT)
    leave("track", "tracked", tracking=TRACKING)
    operator, number = register(compiled, context)
    assert number == "1.0.0"
    version = plane.approver.version(MODEL, "1.0.0")
    assert (version.mlflow_run_id, version.release_policy) == ("mlflow-1", "auto")
    assert register(compiled, context)[1] == "1.0.0"
    (link,) = operator.operator_extra_links
    assert link.get_link(operator, ti_key=None).startswith("http")


@pytest.mark.parametrize(
    "changes",
    [
        {"params": {"release": "hold"}},
        {"params": {}},
        {"run_type": "backfill"},
        {"clear_number": 1},
    ],
    ids=["held", "nothing said", "backfill", "cleared"],
)
def test_what_must_not_start_a_release_does_not(
    leave: Any, context: Any, compiled: Any, plane: Any, changes: dict[str, Any]
) -> None:
    leave("package", "packaged", registration=DRAFT)
    leave("track", "tracked", tracking=TRACKING)
    register(compiled, context, **changes)
    assert plane.approver.version(MODEL, "1.0.0").release_policy == "manual"


def test_a_refusal_tells_each_gate_with_its_numbers(
    leave: Any, context: Any, compiled: Any, plane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SLACK_ALERTS", raising=False)
    gate = GateResult(name="ranks", metric="auc", verdict=Verdict.FAIL, message="0.6, at least 0.7")
    leave(
        "gate", "fail", report=GateReport(overall=Verdict.FAIL, results=(gate,)).model_dump_json()
    )
    operator = RaiseAlertOperator(task_id="refuse", spec=compiled.spec, of="gate", cause="gates")
    assert operator.execute(context()) == "gate says so"
    (alert,) = plane.approver.alerts(model=MODEL)
    assert "ranks: fail - 0.6, at least 0.7" in alert.body
    assert alert.deliveries[0].state.value == "not_configured"


def settle(compiled: Any, context: Any) -> str:
    operator = SettleTrainingOperator(
        task_id="settle", spec=compiled.spec, steps=("acquire", "gate")
    )
    said: str = operator.execute(context())
    return said


def test_a_registered_version_makes_the_run_a_success(
    context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    task.states["register"] = "success"
    task.xcoms["register", "return_value"] = "1.0.0"
    task.xcoms["gate", "return_value"] = "file:///store/results/gate/k/result.json"
    assert settle(compiled, context) == "registered 1.0.0"
    record = plane.approver.run(task.dag_id, task.run_id)
    assert (record.state, record.version) == (RunState.SUCCEEDED, "1.0.0")
    assert record.results == {"gate": "file:///store/results/gate/k/result.json"}
    assert record.partition == compiled.spec.data.default_partition


def test_a_stopped_run_fails_with_the_reason_and_is_reported(
    context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    task.states["stop_and_alert"] = "success"
    task.xcoms["stop_and_alert", "return_value"] = "a column is missing"
    with pytest.raises(RunEnded, match="stopped by the data verdict: a column is missing"):
        settle(compiled, context)
    assert plane.approver.run(task.dag_id, task.run_id).state is RunState.STOPPED


def test_a_broken_run_fails_with_the_last_line_of_the_task(
    context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    task.states.update({"train": "failed", "register": "upstream_failed"})
    task.xcoms["train", "failure"] = "killed by signal 9"
    with pytest.raises(RunEnded, match="train failed: killed by signal 9"):
        settle(compiled, context)


def test_a_run_is_announced_and_its_partition_acquired(
    steps: Any, context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    steps.plan(
        "out = given['output'].removeprefix('file://'); os.makedirs(os.path.dirname(out))\n"
        "said = dict(step='acquire', key='k', outcome='acquired', verdict='pass', message='m')\n"
        "pathlib.Path(out).write_text(json.dumps(said))"
    )
    operator = AcquirePartitionOperator(task_id="acquire", spec=compiled)
    operator.execute(context(params={"partition": "2026q4", "reason": "trying"}))
    record = plane.approver.run(task.dag_id, task.run_id)
    assert (record.state, record.partition) == (RunState.RUNNING, "2026q4")
    assert "--option=partition=2026q4" in steps.read("argv.json")


def test_training_does_not_wait_for_a_control_plane_that_is_down(
    steps: Any, context: Any, compiled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "airworthy", "password": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps(connection))
    steps.plan("sys.exit(1)")
    operator = AcquirePartitionOperator(task_id="acquire", spec=compiled)
    with pytest.raises(Exception, match="ended with code 1"):
        operator.execute(context())
