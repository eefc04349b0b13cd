"""Triggers: what Airflow stores of them, and how they wait."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.messages.base import RunRef
from include.client.messages.decisions import AnswerDecision, OpenDecision
from include.client.messages.registry import GateOutcome, RegisterVersion
from include.client.messages.rollouts import MoveRollout, OpenRollout, RolloutState
from include.serving.endpoint import Health, Observation, VariantState
from include.verdict import Verdict
from operators.hooks.airworthy import AirworthyHook
from sensors.triggers.canary_health import CanaryHealthTrigger, HealthEvent, HealthWait
from sensors.triggers.decision import DecisionClosedEvent, DecisionTrigger, DecisionWait
from sensors.triggers.endpoint_ready import EndpointReadyTrigger, ReadyEvent, ReadyWait, judge
from sensors.triggers.split import SplitEvent, SplitTrigger, SplitWait
from tests.support.plans import plan

if TYPE_CHECKING:
    from airflow.triggers.base import BaseTrigger

    from sensors.triggers.arguments import Arguments

RUN = RunRef(dag_id="m_release", run_id="r", task_id="await_decision")
PASSED = (GateOutcome(name="ranks", verdict=Verdict.PASS, message="0.8 >= 0.6"),)
TEXT = st.text(max_size=40)
A_TRY = {
    "dag_id": TEXT, "run_id": TEXT, "task_id": TEXT, "try_number": st.integers(1, 99),
    "map_index": st.integers(-1, 99), "poll_seconds": st.just(0.5),
}  # fmt: skip
UNTIL = {"until": st.datetimes().map(str), "longest": st.floats(0, 1e6)}
WAITS: dict[type[BaseTrigger], st.SearchStrategy[Arguments]] = {
    DecisionTrigger: st.builds(DecisionWait, decision_id=TEXT, rollout_id=TEXT, **A_TRY),
    EndpointReadyTrigger: st.builds(
        ReadyWait, TEXT, TEXT, st.integers(0, 100), poll_seconds=st.floats(0, 10), **UNTIL
    ),
    SplitTrigger: st.builds(
        SplitWait, rollout_id=TEXT, index=st.integers(0, 9), **A_TRY, **UNTIL
    ),
    CanaryHealthTrigger: st.builds(
        HealthWait, rollout_id=TEXT, index=st.integers(0, 9), tell_seconds=st.just(3.0),
        **A_TRY, **UNTIL,
    ),
}  # fmt: skip
EVENTS = (
    ReadyEvent(is_ready=True, seen="x"), DecisionClosedEvent("d"), SplitEvent("there", "75 %"),
    HealthEvent('{"verdict": "pass"}'),
)  # fmt: skip
PRIMITIVES = (str, int, float, bool)


@given(st.data())
@pytest.mark.parametrize("kind", WAITS, ids=lambda kind: kind.__name__)
def test_a_trigger_survives_being_stored(kind: Any, data: st.DataObject) -> None:
    wait = data.draw(WAITS[kind])
    path, stored = kind(**wait.to_json()).serialize()
    assert path == f"{kind.__module__}.{kind.__name__}"
    assert all(isinstance(value, PRIMITIVES) for value in stored.values())
    assert kind(**json.loads(json.dumps(stored))).wait == wait


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_survive_being_stored(event: Any) -> None:
    told = json.loads(json.dumps(event.to_json()))
    assert type(event).from_json(told) == event


@pytest.mark.parametrize("kind", [DecisionWait, ReadyWait, SplitWait, HealthWait])
def test_no_trigger_stores_a_secret(kind: Any) -> None:
    names = {field.name for field in fields(kind)}
    assert not [name for name in names if "token" in name or "secret" in name or "password" in name]


async def first(trigger: Any) -> dict[str, Any]:
    async for event in trigger.run():
        payload: dict[str, Any] = event.payload
        return payload
    raise AssertionError("the trigger ended without an event")


def opened(plane: Any) -> Any:
    with AirworthyHook().control_plane(RUN) as control_plane:
        return control_plane.open_decision(
            OpenDecision(
                kind="first_release",
                title="Release?",
                body="b",
                subject="m 1.0.0",
                subject_digest="a" * 64,
                options=("approve", "refuse"),
                default="refuse",
                roles=("approver",),
                deadline_seconds=600,
                run=RUN,
            )
        )


def waiting(decision_id: str, rollout_id: str = "") -> DecisionTrigger:
    wait = DecisionWait(
        decision_id=decision_id, rollout_id=rollout_id, poll_seconds=0.05, **RUN.model_dump()
    )
    return DecisionTrigger(**wait.to_json())


def approve(plane: Any, decision: Any) -> None:
    answer = AnswerDecision(answer="approve", reason="fine", subject_digest="a" * 64)
    plane.approver.answer_decision(decision.id, answer)


def test_it_fires_when_people_have_answered(plane: Any) -> None:
    decision = opened(plane)

    async def story() -> dict[str, Any]:
        task = asyncio.create_task(first(waiting(decision.id)))
        await asyncio.sleep(0.4)
        assert not task.done()
        await asyncio.to_thread(approve, plane, decision)
        return await asyncio.wait_for(task, 10)

    assert asyncio.run(story()) == {"decision_id": decision.id}


def rolled_out(plane: Any) -> Any:
    """Open a rollout of a version that is registered for it."""
    training = RunRef(dag_id="m_train", run_id="r", task_id="register")
    wish = {
        "endpoint": "mod",
        "model": "mod",
        "version": "1.0.0",
        "plan": plan("first"),
        "run": RUN,
    }
    with AirworthyHook().control_plane(training) as control_plane:
        control_plane.register_version(
            RegisterVersion(
                model="mod", package_uri="u", package_digest="p", model_digest="m",
                signature='{"inputs":[],"outputs":[]}', dataset_digest="d", spec_digest="s",
                spec_uri="u", metrics=(), gates=PASSED, run=training, release_policy="manual",
            )
        )  # fmt: skip
    with AirworthyHook().control_plane(RUN) as control_plane:
        return control_plane.open_rollout(OpenRollout(**wish))


def test_it_fires_when_people_ask_the_rollout_to_stop(plane: Any) -> None:
    decision, rollout = opened(plane), rolled_out(plane)
    stop = MoveRollout(state=RolloutState.STOPPED, reason="wrong batch", fencing_token=1)

    async def story() -> dict[str, Any]:
        task = asyncio.create_task(first(waiting(decision.id, rollout.id)))
        await asyncio.sleep(0.4)
        assert not task.done()
        await asyncio.to_thread(plane.operator.move_rollout, rollout.id, stop)
        return await asyncio.wait_for(task, 10)

    assert asyncio.run(story()) == {"decision_id": decision.id}


def test_an_outage_of_the_control_plane_is_waited_out(
    plane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = opened(plane)
    approve(plane, decision)
    good = {"conn_type": "airworthy", "host": plane.url, "password": plane.clock.workload_secret}
    monkeypatch.delenv("AIRFLOW_CONN_AIRWORTHY")

    async def story() -> dict[str, Any]:
        task = asyncio.create_task(first(waiting(decision.id)))
        await asyncio.sleep(0.3)
        assert not task.done()
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps(good))
        return await asyncio.wait_for(task, 10)

    assert asyncio.run(story()) == {"decision_id": decision.id}


def observed(health: Health, weight: int, name: str = "v1_0_0") -> Observation:
    state = VariantState(name, "1.0.0", weight, health, "", 0, "")
    return Observation("m", 1, 1, "", (state,))


@pytest.mark.parametrize(
    ("observation", "is_ready"),
    [
        (observed(Health.READY, 0), True),
        (observed(Health.READY, 100), False),
        (observed(Health.STARTING, 0), False),
        (observed(Health.UNHEALTHY, 0), False),
        (observed(Health.READY, 0, "v2_0_0"), False),
    ],
)
def test_ready_means_healthy_with_the_wanted_weight(
    observation: Observation, is_ready: bool
) -> None:
    assert judge(ReadyWait("m", "v1_0_0", 0, "", 1, 1), observation).is_ready is is_ready


def seen(health: str) -> dict[str, Any]:
    variant = {"name": "v1_0_0", "version": "1.0.0", "weight": 0, "health": health, "url": "",
               "restarts": 0, "message": ""}  # fmt: skip
    return {"name": "m", "revision": 1, "fencing_token": 1, "url": "", "variants": [variant]}


def lasting(seconds: float) -> EndpointReadyTrigger:
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    return EndpointReadyTrigger(**ReadyWait("m", "v1_0_0", 0, until, seconds, 0.05).to_json())


def connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    connection = {"conn_type": "airworthy", "host": url, "password": "t"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY_SERVING", json.dumps(connection))


def test_it_waits_through_outage_and_start(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = script((503, {}, {}), (404, {}, {}), (200, {}, seen("starting")),
                    (200, {}, seen("ready")))  # fmt: skip
    connect(monkeypatch, daemon.url)
    assert asyncio.run(first(lasting(20)))["is_ready"] is True
    assert len(daemon.asked) == 4


def test_it_ends_with_what_it_saw_last(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, script((200, {}, seen("unhealthy"))).url)
    event = ReadyEvent.from_json(asyncio.run(first(lasting(0.4))))
    assert not event.is_ready
    assert "unhealthy" in event.seen


def test_a_missing_connection_is_waited_out_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_AIRWORTHY_SERVING", raising=False)
    event = ReadyEvent.from_json(asyncio.run(first(lasting(0.3))))
    assert not event.is_ready
    assert "airworthy_serving" in event.seen


def crashing(restarts: int) -> dict[str, Any]:
    told = seen("unhealthy")
    told["variants"][0] |= {"restarts": restarts, "message": "exit code 137"}
    return told


def test_a_crash_loop_is_not_waited_for_to_the_end(
    script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = script(*((200, {}, crashing(number)) for number in (4, 5, 6, 7, 8)))
    connect(monkeypatch, daemon.url)
    event = ReadyEvent.from_json(asyncio.run(first(lasting(20))))
    assert event.is_hopeless
    assert event.seen.startswith("v1_0_0 does not stay up: 3 restarts since the wait began")
    assert "exit code 137" in event.seen
