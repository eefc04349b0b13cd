"""The stages of a release against a real control plane and a daemon that remembers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.client.messages.decisions import AnswerDecision, DecisionState
from include.client.messages.rollouts import RolloutState
from include.client.messages.runs import RunState
from include.errors import BadInput, Conflict, Rejected, RunEnded, ServingUnavailable
from operators.apply_endpoint import ApplyEndpointOperator
from operators.branch_on_approval import BranchOnApprovalOperator
from operators.branch_on_decision import BranchOnDecisionOperator
from operators.choose_version import ChooseVersionOperator
from operators.hooks.airworthy import AirworthyHook
from operators.open_decision import OpenDecisionOperator
from operators.open_rollout import OpenRolloutOperator
from operators.promote_version import PromoteVersionOperator
from operators.refuse_rollout import RefuseRolloutOperator
from operators.run import run_ref
from operators.settle_release import SettleReleaseOperator
from operators.smoke_test import SmokeTestOperator
from operators.stage import Open

MODEL = "mortgage_approval"


class Run:
    """One run of the release DAG: tasks one after another, as Airflow would run them."""

    def __init__(self, spec: Any, task: Any, context: Any, run_id: str, approver: Any) -> None:
        self.spec, self.task, self.context, self.approver = spec, task, context, approver
        task.dag_id, task.run_id = f"{MODEL}_release", run_id
        task.xcoms.clear()
        task.states.clear()

    def do(self, task_id: str, **changes: Any) -> Any:
        if task_id == "approve":
            return self.approve()
        self.task.task_id = task_id
        operator = self._operator(task_id)
        try:
            value = operator.execute(self.context(**changes))
        except AirflowSkipException:
            self.task.states[task_id] = "skipped"
            raise
        except Exception:
            self.task.states[task_id] = "failed"
            raise
        self.task.states[task_id] = "success"
        self.task.xcoms[task_id, "return_value"] = value
        return value

    def _operator(self, task_id: str) -> Any:
        spec = self.spec
        makers: dict[str, Any] = {
            "choose_version": lambda: ChooseVersionOperator(task_id=task_id, spec=spec),
            "open_rollout": lambda: OpenRolloutOperator(task_id=task_id, spec=spec),
            "open_decision": lambda: OpenDecisionOperator(task_id=task_id, spec=spec),
            "refuse": lambda: RefuseRolloutOperator(task_id=task_id),
            "deploy_dark": lambda: ApplyEndpointOperator(task_id=task_id, weight=0),
            "smoke_test": lambda: SmokeTestOperator(task_id=task_id, spec=spec),
            "shift_traffic": lambda: ApplyEndpointOperator(task_id=task_id, weight=100),
            "promote": lambda: PromoteVersionOperator(task_id=task_id),
            "settle": lambda: SettleReleaseOperator(task_id=task_id, spec=spec),
        }
        return makers[task_id]()

    def through(self, *task_ids: str) -> None:
        for task_id in task_ids:
            self.do(task_id)

    def opened(self) -> Open:
        """Return the run's rollout as one of its tasks holds it."""
        control_plane = AirworthyHook().control_plane(run_ref(self.context()))
        found = control_plane.rollout(self.task.xcoms["open_rollout", "return_value"])
        return Open(control_plane, found, self.context())

    def approve(self) -> None:
        """Ask people where the rollout needs them, who say yes."""
        decision_id = self.do("open_decision")
        if decision_id and self.approver.decision(decision_id).state is DecisionState.OPEN:
            digest = self.approver.decision(decision_id).subject_digest
            yes = AnswerDecision(answer="approve", reason="good rows", subject_digest=digest)
            self.approver.answer_decision(decision_id, yes)


BEGIN = ("choose_version", "open_rollout")
STAGES = (*BEGIN, "approve", "deploy_dark", "smoke_test", "shift_traffic", "promote")
DARK, SHIFTED = STAGES[:4], STAGES[:6]


@pytest.fixture
def run(compiled: Any, task: Any, context: Any, plane: Any, daemon: Any) -> Any:
    """Return a maker of release runs."""
    return lambda run_id="release_1": Run(compiled.spec, task, context, run_id, plane.approver)


def endpoint(plane: Any) -> Any:
    return plane.approver.endpoint(MODEL)


def rollout(plane: Any) -> Any:
    return plane.approver.rollouts(model=MODEL)[0]


def event(version: str) -> dict[str, Any]:
    return {"asset": [SimpleNamespace(extra={"model": MODEL, "version": version})]}


def test_a_version_gets_all_the_traffic(run: Any, register: Any, plane: Any, daemon: Any) -> None:
    register("a")
    release = run()
    release.through(*STAGES)
    assert release.do("settle") == "1.0.0 promoted: all traffic, observed"
    assert endpoint(plane).live_version == "1.0.0"
    assert endpoint(plane).owner == ""
    assert daemon.weights() == {"1.0.0": 100}
    assert plane.approver.run(f"{MODEL}_release", "release_1").state is RunState.SUCCEEDED


def test_every_stage_may_run_twice(run: Any, register: Any, plane: Any, daemon: Any) -> None:
    register("a")
    release = run()
    for stage in STAGES:
        release.do(stage)
        release.do(stage)
    assert endpoint(plane).live_version == "1.0.0"
    assert daemon.weights() == {"1.0.0": 100}


def test_a_cleared_stage_of_a_finished_rollout_changes_nothing(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*STAGES)
    before, told = endpoint(plane), dict(daemon.endpoints[MODEL])
    for stage in ("deploy_dark", "smoke_test", "shift_traffic", "promote", "open_decision"):
        assert release.do(stage) is None
    assert endpoint(plane) == before
    assert daemon.endpoints[MODEL] == told


def test_a_stage_that_is_behind_does_not_take_the_traffic_away(
    run: Any, register: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*SHIFTED)
    release.do("deploy_dark")
    assert daemon.weights() == {"1.0.0": 100}


def test_dark_means_the_old_version_keeps_the_traffic(run: Any, register: Any, daemon: Any) -> None:
    register("a")
    run().through(*STAGES)
    register("b")
    run("release_2").through(*DARK)
    assert list(daemon.weights().values()) == [100, 0]


def test_a_wrong_answer_rolls_back_to_the_live_version(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    run().through(*STAGES)
    register("b")
    release = run("release_2")
    release.through(*DARK)
    daemon.scores = (0.9, 0.3)
    with pytest.raises(Rejected, match="probe row 1"):
        release.do("smoke_test")
    with pytest.raises(RunEnded, match=r"rolled back: smoke_test failed: .*probe row 1"):
        release.do("settle")
    assert rollout(plane).state is RolloutState.ROLLED_BACK
    assert daemon.weights() == {"1.0.0": 100}
    assert (endpoint(plane).owner, endpoint(plane).live_version) == ("", "1.0.0")


def test_a_first_release_that_fails_leaves_nothing_behind(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*SHIFTED)
    release.task.states["verify"] = "failed"
    with pytest.raises(RunEnded, match="verify failed"):
        release.do("settle")
    assert daemon.weights() == {}
    assert endpoint(plane).live_version == ""


def test_the_rollout_stays_open_until_the_endpoint_is_safe(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*SHIFTED)
    release.task.states["verify"] = "failed"
    daemon.is_down = True
    with pytest.raises(ServingUnavailable):
        release.do("settle")
    assert rollout(plane).state is RolloutState.VERIFIED
    daemon.is_down = False
    with pytest.raises(RunEnded):
        release.do("settle")
    assert rollout(plane).state is RolloutState.ROLLED_BACK


def test_a_rollout_whose_task_died_before_it_could_say_so_is_found(
    run: Any, register: Any, plane: Any
) -> None:
    register("a")
    release = run()
    release.through("choose_version", "open_rollout")
    del release.task.xcoms["open_rollout", "return_value"]
    release.task.states["open_rollout"] = "failed"
    with pytest.raises(RunEnded, match="open_rollout failed"):
        release.do("settle")
    assert endpoint(plane).owner == ""


def test_a_busy_endpoint_is_a_conflict(run: Any, register: Any) -> None:
    register("a")
    run().through("choose_version", "open_rollout")
    register("b")
    second = run("release_2")
    second.do("choose_version")
    with pytest.raises(Conflict, match="owns the endpoint"):
        second.do("open_rollout")


def test_people_are_asked_for_the_first_release_only(run: Any, register: Any) -> None:
    branch = BranchOnApprovalOperator(
        task_id="needs_approval", ask="open_decision", go="deploy_dark"
    )
    register("a")
    first = run()
    first.through("choose_version", "open_rollout")
    assert branch.choose_branch(first.context()) == "open_decision"
    first.through(*STAGES[2:])
    register("b")
    second = run("release_2")
    second.through("choose_version", "open_rollout")
    assert branch.choose_branch(second.context()) == "deploy_dark"


def test_the_question_is_bound_to_the_package(run: Any, register: Any, plane: Any) -> None:
    version = register("a")
    release = run()
    release.through("choose_version", "open_rollout")
    assert release.do("open_decision") == release.do("open_decision")
    (decision,) = plane.approver.decisions()
    assert decision.subject_digest == version.package_digest
    assert decision.default == "refuse"
    assert "auc: 0.79" in decision.body


def test_a_refusal_ends_the_rollout_with_the_persons_words(
    run: Any, register: Any, plane: Any
) -> None:
    version = register("a")
    release = run()
    release.through("choose_version", "open_rollout", "open_decision")
    (decision,) = plane.approver.decisions()
    answer = AnswerDecision(
        answer="refuse", reason="too few rows", subject_digest=version.package_digest
    )
    plane.approver.answer_decision(decision.id, answer)
    release.do("refuse")
    with pytest.raises(RunEnded, match=r"refused: refuse \(.*approver.*\): too few rows"):
        release.do("settle")
    record = plane.approver.run(f"{MODEL}_release", "release_1")
    assert record.state is RunState.REFUSED
    assert endpoint(plane).owner == ""


@pytest.mark.parametrize("answer", ["refuse", "", "yes", "Approve", None])
def test_only_the_very_word_approves(context: Any, task: Any, answer: str | None) -> None:
    branch = BranchOnDecisionOperator(
        task_id="b", of="await_decision", approved="deploy_dark", otherwise="refuse"
    )
    task.xcoms["await_decision", "return_value"] = answer
    assert branch.choose_branch(context()) == "refuse"
    task.xcoms["await_decision", "return_value"] = "approve"
    assert branch.choose_branch(context()) == "deploy_dark"


def test_an_event_for_what_is_live_does_nothing_and_is_green(
    run: Any, register: Any, plane: Any
) -> None:
    register("a")
    run().through(*STAGES)
    again = run("release_2")
    with pytest.raises(AirflowSkipException, match="nothing to release"):
        again.do("choose_version", triggering_asset_events=event("1.0.0"))
    assert "nothing to release" in again.do("settle")
    assert plane.approver.run(f"{MODEL}_release", "release_2").state is RunState.SUCCEEDED


def test_of_two_events_the_newer_version_is_released(run: Any, register: Any) -> None:
    register("a")
    register("b")
    events = {"asset": [event("1.0.0")["asset"][0], event("1.0.1")["asset"][0]]}
    release = run()
    assert release.do("choose_version", triggering_asset_events=events) == "1.0.1"
    assert "superseded: 1.0.0" in release.task.xcoms["choose_version", "why"]


def test_an_unknown_version_is_bad_input(run: Any, register: Any) -> None:
    register("a")
    with pytest.raises(BadInput, match="no such version"):
        run().do("choose_version", params={"version": "9.0.0"})


def test_too_slow_is_refused(run: Any, register: Any, compiled: Any, task: Any) -> None:
    register("a")
    release = run()
    release.through(*DARK)
    strict = compiled.spec.release.model_copy(update={"latency_limit_ms": 0.001})
    release.spec = compiled.spec.model_copy(update={"release": strict})
    with pytest.raises(Rejected, match="median answer time"):
        release.do("smoke_test")
