"""The client and the application understand each other: every route, and every refusal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from include.client.asynchronous import AsyncControlPlane
from include.client.control_plane import ControlPlane
from include.client.messages.alerts import Delivery, DeliveryState, RaiseAlert
from include.client.messages.decisions import ExtendDecision
from include.client.messages.plans import LookAtStage
from include.client.messages.rollouts import (
    OpenRollout,
)
from include.client.messages.runs import ReportRun, RunState
from include.client.workload import WorkloadTokens
from include.errors import (
    BadInput,
    Conflict,
    DecisionClosed,
    Forbidden,
    NotFound,
)
from tests.support.app_network import (
    ANSWER,
    QUESTION,
    RUN,
    SECRET,
    URL,
    Network,
    person,
    registration,
)
from tests.support.plans import plan, seen

if TYPE_CHECKING:
    from fastapi import FastAPI

    from include.clock import ManualClock


def test_a_decision_is_asked_extended_answered_and_then_closed(
    task: ControlPlane, app: FastAPI, clock: ManualClock
) -> None:
    asked = task.open_decision(QUESTION)
    assert task.open_decision(QUESTION) == asked
    assert task.decisions(state="open") == (asked,)
    with pytest.raises(Forbidden):
        task.answer_decision(asked.id, ANSWER)
    with person(app, "approver") as approver:
        more = ExtendDecision(seconds=60, reason="Still reading")
        assert approver.extend_decision(asked.id, more).extensions == 1
        clock.advance(90)
        with pytest.raises(Conflict):
            approver.answer_decision(
                asked.id, ANSWER.model_copy(update={"subject_digest": "sha256:other"})
            )
        answered = approver.answer_decision(asked.id, ANSWER, idempotency_key="mine")
        assert approver.answer_decision(asked.id, ANSWER, idempotency_key="mine") == answered
        with pytest.raises(DecisionClosed, match="answered 'release' before"):
            approver.answer_decision(asked.id, ANSWER)
    assert answered.answered_by == "approver"


def test_triggers_see_the_same_decision(
    task: ControlPlane, app: FastAPI, clock: ManualClock
) -> None:
    asked = task.open_decision(QUESTION)
    tokens = WorkloadTokens(URL, SECRET, RUN, clock=clock, transport=Network(app))

    async def look():
        plane = AsyncControlPlane(URL, tokens, clock=clock, transport=httpx.ASGITransport(app))
        try:
            return await plane.decision(asked.id)
        finally:
            await plane.close()

    assert asyncio.run(look()) == asked


def test_triggers_tell_what_they_see_of_a_stage(
    task: ControlPlane, app: FastAPI, clock: ManualClock
) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(
        OpenRollout(
            endpoint="m_model", model="m_model", version=version.version, plan=plan("first"),
            run=RUN,
        )
    )  # fmt: skip
    tokens = WorkloadTokens(URL, SECRET, RUN, clock=clock, transport=Network(app))

    async def look():
        plane = AsyncControlPlane(URL, tokens, clock=clock, transport=httpx.ASGITransport(app))
        try:
            message = LookAtStage(fencing_token=rollout.fencing_token, seen=seen())
            return await plane.look(rollout.id, 0, message)
        finally:
            await plane.close()

    assert asyncio.run(look()) == rollout


def test_alerts_runs_and_events(task: ControlPlane, app: FastAPI) -> None:
    alert = task.raise_alert(
        RaiseAlert(
            fingerprint="f", severity="critical", title="T", body="B", model="m_model", run=RUN
        )
    )
    failed = Delivery(channel="slack", state=DeliveryState.FAILED, detail="timeout")
    assert task.deliver(alert.id, failed).deliveries == (failed,)
    assert task.alerts(model="m_model") == (task.alert(alert.id),)
    assert task.alerts(model="other_model") == ()
    report = ReportRun(
        run=RUN, model="m_model", kind="release", partition="", state=RunState.RUNNING
    )
    task.report_run(report)
    task.report_run(report.model_copy(update={"state": RunState.SUCCEEDED}))
    assert task.run(RUN.dag_id, RUN.run_id).state is RunState.SUCCEEDED
    assert len(task.runs(model="m_model", kind="release")) == 1
    with person(app, "admin") as admin:
        events = admin.events(limit=2)
        assert len(events) == 2
        assert admin.events(after=events[0].id)[0] == events[1]


def test_refusals_arrive_as_the_errors_they_are(task: ControlPlane, app: FastAPI) -> None:
    with pytest.raises(NotFound, match="no decision"):
        task.decision("01JDXYZ0000000000000000000")
    with pytest.raises(BadInput):
        task.version("m_model", "not-a-version")
    with pytest.raises(BadInput, match="body too large"):
        task.register_version(registration().model_copy(update={"signature": "x" * 1_100_000}))
    with person(app, "nobody") as nobody, pytest.raises(Forbidden, match="not logged in"):
        nobody.whoami()
    with person(app, "viewer") as viewer, pytest.raises(Forbidden, match="may not read events"):
        viewer.events()
    alert = RaiseAlert(
        fingerprint="f", severity="info", title="one", body="", model="m_model", run=RUN
    )
    task.raise_alert(alert, idempotency_key="same")
    other = alert.model_copy(update={"title": "two"})
    with pytest.raises(Conflict, match="used for another request"):
        task.raise_alert(other, idempotency_key="same")


def test_a_token_that_expired_is_exchanged_again(
    task: ControlPlane, clock: ManualClock, app: FastAPI
) -> None:
    assert task.whoami().kind == "workload"
    clock.advance(3600)
    assert task.whoami().id.startswith("m_release/")
    other = replace(clock)
    wrong = WorkloadTokens(URL, "guess", RUN, clock=other, transport=Network(app))
    stranger = ControlPlane(URL, wrong, clock=other, transport=Network(app))
    with stranger, pytest.raises(Forbidden):
        stranger.whoami()
