from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskDeferred

from include.client.messages.base import RunRef
from include.client.messages.decisions import (
    AnswerDecision,
    Decision,
    DecisionState,
    OpenDecision,
)
from include.errors import Rejected
from operators.hooks.airworthy import AirworthyHook
from sensors.decision import DecisionSensor, answer
from sensors.endpoint_ready import EndpointReadySensor
from sensors.triggers.endpoint_ready import ReadyEvent


@pytest.fixture
def decision(plane: Any, task: Any) -> Any:
    run = RunRef(dag_id=task.dag_id, run_id=task.run_id, task_id="open_decision")
    with AirworthyHook().control_plane(run) as control_plane:
        opened = control_plane.open_decision(
            OpenDecision(
                kind="first_release", title="Release?", body="b", subject="m 1.0.0",
                subject_digest="a" * 64, options=("approve", "refuse"), default="refuse",
                roles=("approver",), deadline_seconds=600, run=run,
            )
        )  # fmt: skip
    task.xcoms["open_decision", "return_value"] = opened.id
    return opened


def sensor() -> DecisionSensor:
    return DecisionSensor(task_id="await_decision", limit=timedelta(hours=1))


def test_an_open_decision_is_waited_for_in_the_triggerer(decision: Any, context: Any) -> None:
    with pytest.raises(TaskDeferred) as deferred:
        sensor().execute(context())
    path, arguments = deferred.value.trigger.serialize()
    assert arguments["decision_id"] == decision.id
    assert path == "sensors.triggers.decision.DecisionTrigger"
    assert deferred.value.timeout == timedelta(hours=1)


def test_the_answer_is_read_where_it_stands(decision: Any, context: Any, plane: Any) -> None:
    given = AnswerDecision(answer="approve", reason="fine", subject_digest="a" * 64)
    plane.approver.answer_decision(decision.id, given)
    forged = {"decision_id": decision.id}
    assert sensor().execute_complete(context(), forged) == "approve"
    assert sensor().execute(context()) == "approve"


def test_without_a_decision_there_is_nothing_to_wait_for(context: Any) -> None:
    assert sensor().execute(context()) is None


@pytest.mark.parametrize(
    ("state", "said", "means"),
    [
        (DecisionState.ANSWERED, "approve", "approve"),
        (DecisionState.ANSWERED, "refuse", "refuse"),
        (DecisionState.EXPIRED, "", "refuse"),
        (DecisionState.EXPIRED, "approve", "refuse"),
        (DecisionState.OPEN, "approve", "refuse"),
    ],
)
def test_silence_is_never_a_yes(state: DecisionState, said: str, means: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    closed = Decision(
        id="d", kind="first_release", title="t", body="b", subject="s", subject_digest="x",
        options=("approve", "refuse"), default="refuse", roles=("approver",), state=state,
        opened_at=now, opened_by="w", deadline=now, answer=said,
        run=RunRef(dag_id="d", run_id="r"),
    )  # fmt: skip
    assert answer(closed) == means


def test_what_is_not_ready_in_time_is_refused_and_says_why(context: Any, task: Any) -> None:
    waiting = EndpointReadySensor(task_id="endpoint_ready", limit=timedelta(minutes=5))
    event = ReadyEvent(is_ready=False, seen="v1_0_0 unhealthy, 0 %, 4 restart(s)").to_json()
    with pytest.raises(Rejected, match="not ready within 0:05:00: v1_0_0 unhealthy"):
        waiting.execute_complete(context(), event)
    assert "4 restart(s)" in task.xcoms["t", "failure"]


def test_what_is_ready_is_told(context: Any) -> None:
    waiting = EndpointReadySensor(task_id="endpoint_ready", limit=timedelta(minutes=5))
    assert waiting.execute_complete(context(), {"is_ready": True, "seen": "100 %"}) == "100 %"
