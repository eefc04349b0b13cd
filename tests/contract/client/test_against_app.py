"""The client and the application understand each other: every route, and every refusal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from include import settings
from include.access.principal import Principal, Role, Scope
from include.client.asynchronous import AsyncControlPlane
from include.client.control_plane import ControlPlane
from include.client.messages.alerts import Delivery, DeliveryState, RaiseAlert
from include.client.messages.base import RunRef
from include.client.messages.decisions import AnswerDecision, ExtendDecision, OpenDecision
from include.client.messages.plans import LookAtStage, MoveStage, RequestRollback, StageState
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion
from include.client.messages.rollouts import (
    BreakEndpoint,
    MoveRollout,
    OpenRollout,
    ReclaimEndpoint,
    RolloutState,
    VariantWish,
    WantVariants,
)
from include.client.messages.runs import ReportRun, RunState
from include.client.retries import Retries
from include.client.workload import WorkloadTokens
from include.clock import ManualClock
from include.errors import (
    BadInput,
    Conflict,
    DecisionClosed,
    FencedOut,
    Forbidden,
    NotFound,
    StopRequested,
)
from include.verdict import Verdict
from plugins.airworthy.api.app import create_app
from plugins.airworthy.api.identity.authenticator import bearer
from plugins.airworthy.api.identity.corroboration import Nobody
from plugins.airworthy.api.migrate import upgrade
from tests.support.plans import plan, seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request

SCOPE = Scope("default", "embedded")
URL = "http://plane"
SECRET = "workload-secret-for-tests-0123456789"
PACKAGE = "sha256:" + "a" * 64
RUN = RunRef(dag_id="m_release", run_id="manual__2026-11-24T00:00:00+00:00", task_id="t")
ROLES = {
    "viewer": frozenset({Role.VIEWER}),
    "approver": frozenset({Role.VIEWER, Role.APPROVER}),
    "admin": frozenset({Role.VIEWER, Role.ADMIN}),
}


class People:
    """Knows people whose token is their name."""

    async def principal(self, request: Request) -> Principal | None:
        name = bearer(request)
        if name not in ROLES:
            return None
        return Principal("person", name, ROLES[name], "test", SCOPE)


@dataclass
class Network(httpx.BaseTransport):
    """Carries the blocking client's requests to an application in this process."""

    app: FastAPI

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._carried(request))

    async def _carried(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await transport.handle_async_request(sent)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def app(tmp_path: Path, clock: ManualClock) -> Iterator[FastAPI]:
    url = f"sqlite:///{tmp_path}/airworthy.db"
    upgrade(url)
    mine = settings.read({
        "AIRWORTHY_HOME": str(tmp_path),
        "AIRWORTHY_DATABASE_URL": url,
        "AIRWORTHY_WORKLOAD_SECRET": SECRET,
    })
    built = create_app(mine, authenticator=People(), clock=clock, corroborator=Nobody())
    yield built
    built.state.database.close()


@pytest.fixture
def task(app: FastAPI, clock: ManualClock) -> Iterator[ControlPlane]:
    network = Network(app)
    tokens = WorkloadTokens(URL, SECRET, RUN, clock=clock, transport=network)
    with ControlPlane(URL, tokens, clock=clock, transport=network) as plane:
        yield plane


def person(app: FastAPI, name: str) -> ControlPlane:
    once = Retries(attempts=1)
    return ControlPlane(URL, lambda: name, retries=once, transport=Network(app))


def registration(digest: str = PACKAGE) -> RegisterVersion:
    return RegisterVersion(
        model="m_model",
        package_uri="file:///packages/a",
        package_digest=digest,
        model_digest="sha256:" + "b" * 64,
        signature='{"inputs":[{"name":"x","type":"double"}],"outputs":[]}',
        dataset_digest="sha256:" + "c" * 64,
        spec_digest="sha256:" + "d" * 64,
        spec_uri="file:///specs/d",
        metrics=(MetricValue(name="auc", value=0.8, lower=0.7, upper=0.9, samples=100),),
        gates=(GateOutcome(name="floor", verdict=Verdict.PASS, message="fine"),),
        run=RUN,
        release_policy="auto",
    )


QUESTION = OpenDecision(
    kind="first_release",
    title="Release it?",
    body="",
    subject="m_model 1.0.0",
    subject_digest=PACKAGE,
    options=("release", "refuse"),
    default="refuse",
    roles=("approver",),
    deadline_seconds=60,
    run=RUN,
)
ANSWER = AnswerDecision(answer="release", reason="It is good", subject_digest=PACKAGE)


def test_a_release_from_registration_to_the_free_endpoint(task: ControlPlane) -> None:
    version = task.register_version(registration())
    assert task.versions("m_model") == (version,)
    assert task.version("m_model", version.version) == version
    rollout = task.open_rollout(
        OpenRollout(
            endpoint="m_model",
            model="m_model",
            version=version.version,
            plan=plan("first"),
            run=RUN,
        )
    )
    wish = VariantWish(
        name="v1",
        version=version.version,
        package_uri=version.package_uri,
        package_digest=PACKAGE,
        weight=100,
    )
    token = rollout.fencing_token
    wanted = WantVariants(fencing_token=token, variants=(wish,))
    for state in ("approved", "dark", "verified"):
        move = MoveRollout(state=RolloutState(state), reason="next", fencing_token=token)
        assert task.move_rollout(rollout.id, move).state == state
    stage = MoveStage(state=StageState.APPLIED, reason="all traffic", fencing_token=token)
    assert task.move_stage(rollout.id, 0, stage).state is RolloutState.STAGED
    assert task.want_variants("m_model", wanted).variants == (wish,)
    observed = stage.model_copy(update={"state": StageState.OBSERVED})
    assert task.move_stage(rollout.id, 0, observed).stages[0].revision == 1
    passed = stage.model_copy(update={"state": StageState.PASSED, "seen": seen()})
    assert task.move_stage(rollout.id, 0, passed).stages[0].seen == seen()
    promoted = MoveRollout(state=RolloutState.PROMOTED, reason="all", fencing_token=token)
    assert task.move_rollout(rollout.id, promoted).ended_at is not None
    assert task.rollout_events(rollout.id)[-1].action == "rollout.promoted"
    assert task.rollouts(model="m_model", state="promoted") == (task.rollout(rollout.id),)
    assert task.endpoint("m_model").live_version == version.version
    assert task.endpoints() == (task.endpoint("m_model"),)


def test_a_stale_token_is_fenced_out_and_only_an_admin_breaks(
    task: ControlPlane, app: FastAPI
) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(
        OpenRollout(
            endpoint="m_model",
            model="m_model",
            version=version.version,
            plan=plan("first"),
            run=RUN,
        )
    )
    stale = MoveRollout(
        state=RolloutState.APPROVED, reason="late", fencing_token=rollout.fencing_token - 1
    )
    with pytest.raises(FencedOut):
        task.move_rollout(rollout.id, stale)
    dead = BreakEndpoint(reason="it died", live_version="")
    with person(app, "viewer") as viewer, pytest.raises(Forbidden):
        viewer.break_endpoint("m_model", dead)
    with person(app, "admin") as admin:
        broken = admin.break_endpoint("m_model", dead)
        assert (broken.owner, broken.fencing_token) == ("", rollout.fencing_token + 1)
        with pytest.raises(Conflict):
            admin.break_endpoint("m_model", dead)


def test_where_airflow_does_not_say_that_a_run_is_over_nothing_is_reclaimed(
    task: ControlPlane,
) -> None:
    version = task.register_version(registration()).version
    mine = OpenRollout(
        endpoint="m_model", model="m_model", version=version, plan=plan("first"), run=RUN
    )
    rollout = task.open_rollout(mine)
    with pytest.raises(Conflict, match="Airflow does not say"):
        task.reclaim_endpoint("m_model", ReclaimEndpoint(rollout=rollout.id))
    assert task.endpoint("m_model").owner == rollout.id


def test_people_ask_to_stop_and_the_owner_learns_it(task: ControlPlane, app: FastAPI) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(
        OpenRollout(
            endpoint="m_model",
            model="m_model",
            version=version.version,
            plan=plan("first"),
            run=RUN,
        )
    )
    token = rollout.fencing_token
    stop = MoveRollout(state=RolloutState.STOPPED, reason="wrong batch", fencing_token=token)
    with person(app, "admin") as admin:
        assert admin.move_rollout(rollout.id, stop).state is RolloutState.OPENED
    found = task.rollout(rollout.id).stop
    assert found is not None
    assert (found.by, found.reason) == ("admin", "wrong batch")
    with pytest.raises(StopRequested, match="wrong batch"):
        task.move_rollout(rollout.id, stop.model_copy(update={"state": RolloutState.APPROVED}))
    assert task.move_rollout(rollout.id, stop).state is RolloutState.STOPPED


def test_a_person_asks_to_go_back_and_the_rollout_under_way_is_to_stop(
    task: ControlPlane, app: FastAPI
) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(
        OpenRollout(
            endpoint="m_model", model="m_model", version=version.version, plan=plan("first"),
            run=RUN,
        )
    )  # fmt: skip
    wish = RequestRollback(reason="customers complain", live_version="")
    with pytest.raises(Forbidden):
        task.request_rollback("m_model", wish)
    with person(app, "approver") as approver:
        request = approver.request_rollback("m_model", wish)
        assert (request.kind, request.rollout_id) == ("stop", rollout.id)
        assert approver.rollbacks("m_model") == (request,)
    found = task.rollout(rollout.id).stop
    assert found is not None
    assert (found.by, found.reason) == ("approver", "customers complain")


def test_only_a_yes_lets_a_rollout_begin(task: ControlPlane, app: FastAPI) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(
        OpenRollout(
            endpoint="m_model", model="m_model", version=version.version, plan=plan("first"),
            approval_required=True, run=RUN,
        )
    )  # fmt: skip
    asked = task.open_decision(QUESTION)
    go = MoveRollout(
        state=RolloutState.APPROVED, reason="go", fencing_token=1, decision_id=asked.id
    )
    with pytest.raises(Conflict, match="the decision is open"):
        task.move_rollout(rollout.id, go)
    with person(app, "approver") as approver:
        approver.answer_decision(asked.id, ANSWER)
    assert task.move_rollout(rollout.id, go).decision_id == asked.id


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
