"""People who let in a candidate that did not pass its gates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.client.messages.decisions import AnswerDecision, Decision
from include.errors import Conflict, Forbidden
from include.evaluation.report import EvaluationReport, GateReport, GateResult, Window
from include.verdict import Verdict
from operators.ask_override import AskOverrideOperator
from operators.raise_alert import RaiseAlertOperator
from tests.integration.operators.test_training import DRAFT, TRACKING, leave, register

__all__ = ["leave"]
MODEL = "mortgage_approval"
FAILED = GateResult(
    name="probabilities_hold", metric="brier", verdict=Verdict.FAIL, message="0.18, at most 0.16"
)


@pytest.fixture
def judged(leave: Any) -> None:
    """Leave a candidate that failed a gate, up to the package that an override lets in."""
    window = Window(rows=300, kind="hash", first="a", last="z", digest="w")
    report = EvaluationReport(
        model=MODEL, model_digest="b" * 64, dataset_digest="c" * 64, window=window, level=0.95,
        resamples=1000, estimates=(), undefined=(), used_before=0,
    )  # fmt: skip
    gates = GateReport(overall=Verdict.FAIL, results=(FAILED,))
    leave("evaluate", "evaluated", report=report.model_dump_json())
    leave("gate", "fail", report=gates.model_dump_json())


def ask(compiled: Any, context: Any, task: Any, plane: Any, by: str = "operator") -> Decision:
    task.task_id = "ask_override"
    operator = AskOverrideOperator(task_id="ask_override", spec=compiled)
    params = {"partition": "2026q4", "ask_override": True}
    said = operator.execute(context(params=params, triggering_user_name=by))
    task.xcoms["ask_override", "return_value"] = said
    found: Decision = plane.approver.decision(said)
    return found


def draft(compiled: Any) -> str:
    gate = {"name": FAILED.name, "verdict": "fail", "message": FAILED.message}
    return json.dumps({**json.loads(DRAFT), "gates": [gate], "spec_digest": compiled.digest})


@pytest.mark.usefixtures("judged")
def test_a_second_person_lets_a_candidate_in_and_its_version_says_so(
    leave: Any, context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    decision = ask(compiled, context, task, plane)
    assert (decision.kind, decision.asked_by, decision.default) == (
        "gate_override", "operator", "refuse",
    )  # fmt: skip
    assert "probabilities_hold: fail (0.18, at most 0.16)" in decision.body
    assert ask(compiled, context, task, plane) == decision
    answer = AnswerDecision(
        answer="override", reason="known cause", subject_digest=decision.subject_digest
    )
    plane.approver.answer_decision(decision.id, answer)
    leave("package", "packaged", registration=draft(compiled))
    leave("track", "tracked", tracking=TRACKING)
    assert register(compiled, context)[1] == "1.0.0"
    override = plane.approver.version(MODEL, "1.0.0").override
    assert (override.by, override.reason) == ("approver", "known cause")
    assert override.gates == ("probabilities_hold",)


@pytest.mark.usefixtures("judged")
def test_who_triggered_the_run_may_not_let_it_in(
    leave: Any, context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    decision = ask(compiled, context, task, plane, by="approver")
    answer = AnswerDecision(
        answer="override", reason="mine", subject_digest=decision.subject_digest
    )
    with pytest.raises(Forbidden, match="who asks does not answer"):
        plane.approver.answer_decision(decision.id, answer)
    leave("package", "packaged", registration=draft(compiled))
    leave("track", "tracked", tracking=TRACKING)
    with pytest.raises(Conflict, match="the decision is open"):
        register(compiled, context)


@pytest.mark.usefixtures("judged")
def test_a_refusal_by_people_says_whose_and_why(
    context: Any, task: Any, compiled: Any, plane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SLACK_ALERTS", raising=False)
    decision = ask(compiled, context, task, plane)
    answer = AnswerDecision(
        answer="refuse", reason="look at the labels", subject_digest=decision.subject_digest
    )
    plane.approver.answer_decision(decision.id, answer)
    operator = RaiseAlertOperator(task_id="refuse", spec=compiled.spec, of="gate", cause="gates")
    said = operator.execute(context())
    assert said == "gate says so; approver answered refuse: look at the labels"
    (alert,) = plane.approver.alerts(model=MODEL)
    assert "look at the labels" in alert.body


@pytest.mark.usefixtures("judged")
def test_silence_refuses_and_the_alert_says_until_when(
    context: Any, task: Any, compiled: Any, plane: Any
) -> None:
    decision = ask(compiled, context, task, plane, by="")
    operator = RaiseAlertOperator(task_id="refuse", spec=compiled.spec, of="gate", cause="gates")
    told = f"nobody let it through by {decision.deadline:%Y-%m-%d %H:%M} UTC"
    assert operator.execute(context()).endswith(told)
