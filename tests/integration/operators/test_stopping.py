"""A release that people stop, or whose endpoint an admin breaks off, at each of its stages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from include.client.messages.rollouts import BreakEndpoint, MoveRollout, RolloutState
from include.client.messages.runs import RunState
from include.errors import Conflict, FencedOut, RunEnded, ServingUnavailable
from operators.apply_stage import ApplyStageOperator
from operators.branch_on_approval import BranchOnApprovalOperator
from sensors.decision import DecisionSensor
from sensors.endpoint_ready import EndpointReadySensor
from tests.support.release_run import BEGIN, FIRST, MODEL, NEXT
from tests.support.release_stories import endpoint, rollout

STOPPED = r"1\.0\.\d stopped: the batch is wrong \(operator\)"


def stop(plane: Any) -> Any:
    found = rollout(plane)
    message = MoveRollout(
        state=RolloutState.STOPPED, reason="the batch is wrong", fencing_token=found.fencing_token
    )
    return plane.operator.move_rollout(found.id, message)


def second(run: Any, register: Any) -> Any:
    """Return a release of 1.0.1 where 1.0.0 is live."""
    register("a")
    run().through(*FIRST)
    register("b")
    return run("release_2")


@pytest.mark.parametrize("done", range(2, len(NEXT)))
def test_a_stop_is_obeyed_at_each_stage(
    run: Any, register: Any, plane: Any, daemon: Any, done: int
) -> None:
    release = second(run, register)
    release.through(*NEXT[:done])
    marked = stop(plane)
    assert endpoint(plane).owner == marked.id
    before = endpoint(plane)
    for stage in NEXT[done:]:
        assert release.do(stage) in {None, "roll_back"}
    assert release.do("roll_back") is None
    assert endpoint(plane) == before
    with pytest.raises(RunEnded, match=STOPPED):
        release.do("settle")
    ended = rollout(plane)
    assert (ended.state, ended.stop.by) == (RolloutState.STOPPED, "operator")
    assert (endpoint(plane).owner, endpoint(plane).live_version) == ("", "1.0.0")
    assert daemon.weights(MODEL) == {"1.0.0": 100}
    assert plane.approver.run(f"{MODEL}_release", "release_2").state is RunState.STOPPED


@pytest.mark.parametrize("done", range(2, len(FIRST)))
def test_a_first_release_that_is_stopped_leaves_nothing(
    run: Any, register: Any, plane: Any, daemon: Any, done: int
) -> None:
    register("a")
    release = run()
    release.through(*FIRST[:done])
    stop(plane)
    release.through(*FIRST[done:])
    with pytest.raises(RunEnded, match=STOPPED):
        release.do("settle")
    assert endpoint(plane).variants == ()
    assert not daemon.endpoints or daemon.weights(MODEL) == {}


def test_a_stop_comes_too_late_for_what_is_promoted(run: Any, register: Any, plane: Any) -> None:
    register("a")
    run().through(*FIRST)
    with pytest.raises(Conflict, match="ended as promoted"):
        stop(plane)


def test_a_stop_while_a_stage_acts_is_obeyed_too(
    run: Any, register: Any, plane: Any, daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = second(run, register)
    release.through(*NEXT[:6])
    act = ApplyStageOperator.proceed

    def stopped_meanwhile(operator: Any, opened: Any) -> str | None:
        stop(plane)
        return act(operator, opened)

    monkeypatch.setattr(ApplyStageOperator, "proceed", stopped_meanwhile)
    assert release.do("shadow.apply") is None
    with pytest.raises(RunEnded, match=STOPPED):
        release.do("settle")
    assert daemon.weights(MODEL) == {"1.0.0": 100}


def test_a_stop_is_open_until_the_endpoint_is_safe(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    release = second(run, register)
    release.through(*NEXT[:-1])
    stop(plane)
    daemon.world.is_down = True
    with pytest.raises(ServingUnavailable):
        release.do("settle")
    assert rollout(plane).state is RolloutState.STAGED
    daemon.world.is_down = False
    with pytest.raises(RunEnded, match=STOPPED):
        release.do("settle")
    with pytest.raises(RunEnded, match=STOPPED):
        release.do("settle")


def test_nobody_waits_for_a_rollout_that_is_to_stop(run: Any, register: Any, plane: Any) -> None:
    register("a")
    release = run()
    release.through(*BEGIN)
    release.do("open_decision")
    branch = BranchOnApprovalOperator(task_id="b", ask="open_decision", go="deploy_dark")
    assert branch.choose_branch(release.context()) == "open_decision"
    stop(plane)
    ready = EndpointReadySensor(task_id="endpoint_ready", limit=timedelta(minutes=5))
    assert ready.execute(release.context()) is None
    waiting = DecisionSensor(task_id="await_decision", limit=timedelta(hours=1))
    event = {"decision_id": release.task.xcoms["open_decision", "return_value"]}
    assert waiting.execute_complete(release.context(), event) == "refuse"
    assert release.do("refuse") is None
    with pytest.raises(RunEnded, match=STOPPED):
        release.do("settle")


def test_nothing_is_deployed_without_the_approval(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    register("a")
    release = run()
    release.through(*BEGIN)
    with pytest.raises(Conflict, match="not approved"):
        release.do("deploy_dark")
    release.do("open_decision")
    with pytest.raises(Conflict, match="the decision is open"):
        release.do("deploy_dark")
    assert not daemon.endpoints
    release.approve()
    release.do("deploy_dark")
    assert rollout(plane).decision_id == release.task.xcoms["open_decision", "return_value"]


def test_a_broken_endpoint_is_live_again_and_its_old_owner_is_out(
    run: Any, register: Any, plane: Any, daemon: Any
) -> None:
    release = second(run, register)
    release.through(*NEXT[:-1])
    stale = release.opened()
    dead = BreakEndpoint(reason="its scheduler burnt", live_version="1.0.0")
    broken = plane.admin.break_endpoint(MODEL, dead)
    assert [(v.version, v.weight) for v in broken.variants] == [("1.0.0", 100)]
    with stale.control_plane, pytest.raises(FencedOut):
        stale.bring(())
    assert release.do("promote") is None
    with pytest.raises(RunEnded, match="stopped: its scheduler burnt"):
        release.do("settle")
    assert daemon.weights(MODEL) == {"1.0.0": 100}
    assert daemon.endpoints[MODEL].fencing_token == broken.fencing_token
