"""The stages of a release against a real control plane and a daemon that remembers."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.client.messages.decisions import AnswerDecision
from include.client.messages.rollouts import RolloutState
from include.client.messages.runs import RunState
from include.errors import BadInput, Conflict, Rejected, RunEnded, ServingUnavailable
from operators.branch_on_decision import BranchOnDecisionOperator
from tests.support.release_run import DARK, FIRST, MODEL
from tests.support.release_stories import endpoint, event, rollout


def test_a_version_gets_all_the_traffic(run: Any, register: Any, plane: Any, daemon: Any) -> None:
    register("a")
    release = run()
    release.through(*FIRST)
    assert release.do("settle") == "1.0.0 promoted: all traffic, observed"
    assert endpoint(plane).live_version == "1.0.0"
    assert endpoint(plane).owner == ""
    assert daemon.weights(MODEL) == {"1.0.0": 100}
    assert plane.approver.run(f"{MODEL}_release", "release_1").state is RunState.SUCCEEDED


def test_every_stage_may_run_twice(run: Any, register: Any, plane: Any, daemon: Any) -> None:
    register("a")
    release = run()
    for stage in FIRST:
        release.do(stage)
        release.do(stage)
    assert endpoint(plane).live_version == "1.0.0"
    assert daemon.weights(MODEL) == {"1.0.0": 100}


def test_a_cleared_stage_of_a_finished_rollout_changes_nothing(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*FIRST)
    before, told = endpoint(plane), daemon.endpoints[MODEL]
    for stage in (*FIRST[3:], "open_decision", "roll_back"):
        followed = release.do(stage)
        assert followed is None or stage.endswith(".verdict")
    assert endpoint(plane) == before
    assert daemon.endpoints[MODEL] == told


def test_a_stage_that_is_behind_does_not_take_the_traffic_away(
    run: Any, register: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*FIRST[:-1])
    release.do("deploy_dark")
    assert daemon.weights(MODEL) == {"1.0.0": 100}


def test_dark_means_the_old_version_keeps_the_traffic(run: Any, register: Any, daemon: Any) -> None:
    register("a")
    run().through(*FIRST)
    register("b")
    run("release_2").through(*DARK)
    assert list(daemon.weights(MODEL).values()) == [100, 0]


def test_a_wrong_answer_rolls_back_to_the_live_version(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    run().through(*FIRST)
    register("b")
    release = run("release_2")
    release.through(*DARK)
    daemon.world.scores = (0.9, 0.3)
    with pytest.raises(Rejected, match="probe row 1"):
        release.do("smoke_test")
    with pytest.raises(RunEnded, match=r"rolled back: smoke_test failed: .*probe row 1"):
        release.do("settle")
    assert rollout(plane).state is RolloutState.ROLLED_BACK
    assert daemon.weights(MODEL) == {"1.0.0": 100}
    assert (endpoint(plane).owner, endpoint(plane).live_version) == ("", "1.0.0")


def test_a_first_release_that_fails_leaves_nothing_behind(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*FIRST[:-1])
    release.task.states["stage_100.split"] = "failed"
    with pytest.raises(RunEnded, match=r"stage_100\.split failed"):
        release.do("settle")
    assert daemon.weights(MODEL) == {}
    assert endpoint(plane).live_version == ""


def test_the_rollout_stays_open_until_the_endpoint_is_safe(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*FIRST[:-1])
    release.task.states["stage_100.split"] = "failed"
    daemon.world.is_down = True
    with pytest.raises(ServingUnavailable):
        release.do("settle")
    assert rollout(plane).state is RolloutState.STAGED
    daemon.world.is_down = False
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
    register("a")
    first = run()
    first.through("choose_version", "open_rollout")
    assert first.do("needs_approval") == "open_decision"
    first.through(*FIRST[2:])
    register("b")
    second = run("release_2")
    second.through("choose_version", "open_rollout")
    assert second.do("needs_approval") == "deploy_dark"


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
    run().through(*FIRST)
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


def test_too_slow_is_refused(run: Any, register: Any) -> None:
    register("a")
    release = run(latency_limit_ms=0.001)
    release.through(*DARK)
    with pytest.raises(Rejected, match="median answer time"):
        release.do("smoke_test")
