"""Runs, people and housekeeping that do to releases whatever the control plane lets them."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from include.access.principal import Principal, Role, Scope
from include.client.messages.base import RunRef
from include.client.messages.decisions import AnswerDecision, OpenDecision
from include.client.messages.plans import MoveStage, RequestRollback, StageState
from include.client.messages.registry import RegisterVersion
from include.client.messages.rollouts import (
    BreakEndpoint,
    MoveRollout,
    OpenRollout,
    ReclaimEndpoint,
    RolloutState,
    VariantWish,
    WantVariants,
)
from include.clock import ManualClock
from include.errors import AirworthyError
from include.rollout.states import ENDS, is_end
from include.verdict import Verdict
from plugins.airworthy.api.actions import (
    deciding,
    going_back,
    registering,
    rolling,
    serving,
    staging,
)  # fmt: skip
from plugins.airworthy.api.migrate import upgrade
from plugins.airworthy.api.storage.work import Database, Work
from tests.support.plans import plan, seen
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.client.messages.plans import ReleasePlan
    from include.client.messages.rollouts import EndpointRecord, Rollout

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SCOPE = Scope("default", "embedded")
VERSIONS = ("1.0.0", "1.0.1", "1.0.2")
PACKAGES = dict(zip(VERSIONS, ("p1", "p2", "p3"), strict=True))
ADMIN = Principal("person", "ada", frozenset({Role.ADMIN}), "test", SCOPE)
APPROVER = Principal("person", "ann", frozenset({Role.APPROVER}), "test", SCOPE)
SPLITS = st.dictionaries(st.sampled_from(VERSIONS), st.sampled_from([0, 50, 100]), max_size=2)
STATES = st.sampled_from(list(RolloutState))
PROGRESS = st.tuples(st.integers(0, 4), st.booleans())
WAY = ("approved", "dark", "verified", "promoted")
STAGE_STATES = st.sampled_from(list(StageState))


@cache
def empty() -> Path:
    path = Path(tempfile.mkdtemp(prefix="airworthy-safety-")) / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


def workload(run_id: str) -> Principal:
    run = RunRef(dag_id="ames_release", run_id=run_id)
    return Principal("workload", run_id, frozenset({Role.WORKLOAD}), "claimed", SCOPE, run)


class Anybody(RuleBasedStateMachine):
    """Runs that open, move, want and end as they like, and people who stop and break."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp(dir=empty().parent)
        shutil.copy(empty(), f"{self.folder}/a.db")
        self.clock = ManualClock(NOW)
        self.database = Database(f"sqlite:///{self.folder}/a.db", self.clock)
        self.runs = 0
        self.promoted: set[str] = {""}
        for package in PACKAGES.values():
            message = RegisterVersion.model_validate(candidate(package))
            self.do(ADMIN, lambda work, m=message: registering.register(work, m))

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    def do(self, who: Principal, change: Callable[[Work], object]) -> bool:
        self.clock.advance(1)
        try:
            with self.database.writing(who) as work:
                change(work)
        except AirworthyError:
            return False
        return True

    @property
    def rollout(self) -> Rollout | None:
        """The rollout that has not ended, else the last one."""
        with self.database.reading(SCOPE) as stores:
            found = stores.rollouts.listed("", None)
        return next((r for r in found if not is_end(r.state)), found[0] if found else None)

    @property
    def endpoint(self) -> EndpointRecord | None:
        with self.database.reading(SCOPE) as stores:
            return stores.endpoints.get("ames")

    @property
    def owner(self) -> Principal:
        rollout = self.rollout
        assert rollout is not None
        return workload(rollout.run.run_id)

    def plan(self) -> ReleasePlan:
        endpoint = self.endpoint
        is_first = endpoint is None or not endpoint.live_version
        return plan("first") if is_first else plan("canary", 50, 100)

    @rule(version=st.sampled_from(VERSIONS), approval=st.booleans(), then=PROGRESS)
    def open(self, version: str, approval: bool, then: tuple[int, bool]) -> None:
        self.runs += 1
        message = OpenRollout(
            endpoint="ames", model="ames", version=version, plan=self.plan(),
            approval_required=approval, run=RunRef(dag_id="ames_release", run_id=f"r{self.runs}"),
        )  # fmt: skip
        if self.do(workload(f"r{self.runs}"), lambda work: rolling.open_rollout(work, message)):
            self.on(*then)

    @precondition(lambda self: self.rollout is not None)
    @rule(state=STATES)
    def move(self, state: RolloutState) -> None:
        self.ask_for(self.owner, state)

    @precondition(lambda self: self.rollout is not None)
    @rule(state=st.sampled_from(sorted(ENDS)))
    def end(self, state: RolloutState) -> None:
        self.ask_for(self.owner, state)

    @precondition(lambda self: self.rollout is not None)
    @rule()
    def stop(self) -> None:
        self.ask_for(ADMIN, RolloutState.STOPPED)

    @precondition(lambda self: self.rollout is not None)
    @rule(then=PROGRESS)
    def go_on(self, then: tuple[int, bool]) -> None:
        self.on(*then)

    @precondition(lambda self: self.rollout is not None)
    @rule(state=st.sampled_from(sorted(ENDS)))
    def settle(self, state: RolloutState) -> None:
        endpoint = self.endpoint
        assert endpoint is not None
        self.want({endpoint.live_version: 100} if endpoint.live_version else {})
        self.ask_for(self.owner, state)

    def on(self, count: int, is_asked: bool) -> None:
        """Go the right way, as the operators do, with the decision or without."""
        rollout, endpoint = self.rollout, self.endpoint
        assert rollout is not None
        assert endpoint is not None
        decision = self.decided(rollout) if is_asked else ""
        live = {endpoint.live_version: 100} if endpoint.live_version else {}
        for name in WAY[:count]:
            if name == "promoted":
                self.clear(rollout, endpoint.live_version)
                self.want({rollout.version: 100})
            else:
                self.want({rollout.version: 0, **live})
            self.ask_for(self.owner, RolloutState(name), decision)

    def clear(self, rollout: Rollout, live: str) -> None:
        """Take the rollout through its stages, as far as it goes."""
        for index, planned in enumerate(rollout.plan.stages):
            self.move_stage(index, StageState.APPLIED)
            rest = {live: 100 - planned.percent} if live else {}
            self.want({rollout.version: planned.percent, **rest})
            self.move_stage(index, StageState.OBSERVED)
            self.move_stage(index, StageState.PASSED, Verdict.PASS)

    def move_stage(self, index: int, state: StageState, verdict: Verdict | None = None) -> None:
        rollout = self.rollout
        assert rollout is not None
        look = seen(verdict) if verdict else None
        message = MoveStage(
            state=state, reason="any", fencing_token=rollout.fencing_token, seen=look
        )
        self.do(self.owner, lambda work: staging.move(work, rollout.id, index, message))

    @precondition(lambda self: self.rollout is not None)
    @rule(index=st.integers(0, 2), state=STAGE_STATES, verdict=st.sampled_from(list(Verdict)))
    def any_stage(self, index: int, state: StageState, verdict: Verdict) -> None:
        self.move_stage(index, state, verdict)

    @precondition(lambda self: self.endpoint is not None)
    @rule(live=st.sampled_from((None, *VERSIONS)))
    def go_back(self, live: str | None) -> None:
        endpoint = self.endpoint
        assert endpoint is not None
        named = endpoint.live_version if live is None else live
        wish = RequestRollback(reason="it is bad", live_version=named)
        self.do(APPROVER, lambda work: going_back.request(work, "ames", wish))

    @precondition(lambda self: self.endpoint is not None)
    @rule(then=PROGRESS)
    def carry_out(self, then: tuple[int, bool]) -> None:
        with self.database.reading(SCOPE) as stores:
            request = stores.rollbacks.open_of("ames")
        if request is None:
            return
        self.runs += 1
        message = OpenRollout(
            endpoint="ames", model="ames", version=request.version or "1.0.0",
            plan=plan("rollback"), rollback_id=request.id,
            run=RunRef(dag_id="ames_release", run_id=f"r{self.runs}"),
        )  # fmt: skip
        if self.do(workload(f"r{self.runs}"), lambda work: rolling.open_rollout(work, message)):
            self.on(*then)

    def ask_for(self, who: Principal, state: RolloutState, decision: str = "") -> None:
        rollout = self.rollout
        assert rollout is not None
        message = MoveRollout(
            state=state, reason="any", fencing_token=rollout.fencing_token, decision_id=decision
        )
        is_done = self.do(who, lambda work: rolling.move(work, rollout.id, message))
        if is_done and state is RolloutState.PROMOTED:
            self.promoted.add(rollout.version)

    def decided(self, rollout: Rollout) -> str:
        package = PACKAGES[rollout.version]
        question = OpenDecision(
            kind="first_release", title="t", body="b", subject="s", subject_digest=package,
            options=("approve", "refuse"), default="refuse", roles=("approver",),
            deadline_seconds=60, run=rollout.run,
        )  # fmt: skip
        with self.database.writing(self.owner) as work:
            decision = deciding.ask(work, question).id
        yes = AnswerDecision(answer="approve", reason="fine", subject_digest=package)
        self.do(APPROVER, lambda work: deciding.answer(work, decision, yes))
        return decision

    @precondition(lambda self: self.rollout is not None)
    @rule(split=SPLITS)
    def want(self, split: dict[str, int]) -> None:
        rollout = self.rollout
        assert rollout is not None
        variants = tuple(
            VariantWish(
                name=f"v{version[-1]}", version=version, package_uri="u",
                package_digest=PACKAGES[version], weight=weight,
            )
            for version, weight in split.items()
        )  # fmt: skip
        message = WantVariants(fencing_token=rollout.fencing_token, variants=variants)
        self.do(self.owner, lambda work: serving.want(work, "ames", message))

    @precondition(lambda self: self.endpoint is not None)
    @rule(live=st.sampled_from((None, "", *VERSIONS)))
    def break_open(self, live: str | None) -> None:
        before = self.endpoint
        assert before is not None
        named = before.live_version if live is None else live
        message = BreakEndpoint(reason="it is dead", live_version=named)
        if self.do(ADMIN, lambda work: serving.break_open(work, "ames", message)):
            after = self.endpoint
            assert after is not None
            assert after.fencing_token > before.fencing_token

    @precondition(lambda self: self.endpoint is not None)
    @rule()
    def reclaim(self) -> None:
        before = self.endpoint
        assert before is not None
        message = ReclaimEndpoint(rollout=before.owner)
        if self.do(workload("tidy"), lambda work: serving.reclaim(work, "ames", message)):
            after = self.endpoint
            assert after is not None
            assert not after.owner
            assert after.fencing_token > before.fencing_token
