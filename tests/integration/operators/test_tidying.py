"""Housekeeping against a control plane that listens, after releases that died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.rollouts import BreakEndpoint, RolloutState
from include.errors import Rejected, RunEnded, ServingUnavailable
from operators.tidy_endpoints import TidyEndpointsOperator
from tests.integration.operators.test_stopping import second
from tests.support.release_run import MODEL, NEXT
from tests.support.release_stories import endpoint, rollout

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def tidy(task: Any, context: Any) -> Callable[..., str]:
    """Return what runs the task, where runs of Airflow have the states given."""

    def run(**runs: str) -> str:
        was = task.dag_id, task.task_id, task.run_id
        task.dag_id, task.task_id, task.run_id = "housekeeping", "tidy", "hourly_1"
        task.runs = runs
        try:
            return str(TidyEndpointsOperator(task_id="tidy").execute(context()))
        finally:
            task.dag_id, task.task_id, task.run_id = was

    return run


def test_a_release_that_goes_on_is_left_alone(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register).through(*NEXT[:-1])
    before = (endpoint(plane), daemon.weights(MODEL))
    assert "as recorded" in tidy(release_2="running")
    assert (endpoint(plane), daemon.weights(MODEL)) == before


def test_a_dead_release_loses_its_endpoint_and_people_are_alerted(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    dead = second(run, register)
    dead.through(*NEXT[:-1])
    assert daemon.weights(MODEL) == {"1.0.0": 0, "1.0.1": 100}
    plane.airflow.runs["release_2"] = False
    assert "as recorded" in tidy(release_2="failed")
    assert daemon.weights(MODEL) == {"1.0.0": 100}
    assert (endpoint(plane).owner, endpoint(plane).live_version) == ("", "1.0.0")
    assert rollout(plane).state is RolloutState.STOPPED
    assert "release_2" in rollout(plane).reason
    (alert,) = plane.approver.alerts()
    assert alert.title == f"{MODEL}: taken from a dead release"
    assert "of 1.0.1's release is over" in alert.body
    assert "1.0.0 has all the traffic" in alert.body
    assert "as recorded" in tidy(release_2="failed")
    assert len(plane.approver.alerts()) == 1


def test_what_a_dead_release_still_tries_is_refused(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    dead = second(run, register)
    dead.through(*NEXT[:-2])
    plane.airflow.runs["release_2"] = False
    tidy(release_2="failed")
    before = (endpoint(plane), daemon.endpoints[MODEL])
    for late in ("stage_100.apply", "stage_100.verdict", "promote", "roll_back"):
        dead.do(late)
    with pytest.raises(RunEnded, match="is over and did not settle"):
        dead.do("settle")
    assert (endpoint(plane), daemon.endpoints[MODEL]) == before


def test_an_outage_in_between_is_made_up_for(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register).through(*NEXT[:-1])
    plane.airflow.runs["release_2"] = False
    daemon.world.is_down = True
    with pytest.raises(ServingUnavailable):
        tidy(release_2="failed")
    assert len(plane.approver.alerts()) == 1
    daemon.world.is_down = False
    assert "as recorded" in tidy(release_2="failed")
    assert daemon.weights(MODEL) == {"1.0.0": 100}


@pytest.mark.parametrize(
    ("goes_on", "why"), [(True, "the owner's run goes on"), (None, "Airflow does not say")]
)
def test_a_task_that_is_wrong_about_a_run_takes_nothing(
    run: Any,
    register: Any,
    plane: Any,
    daemon: Any,
    tidy: Callable[..., str],
    goes_on: Any,
    why: str,
) -> None:
    second(run, register).through(*NEXT[:-1])
    before = (endpoint(plane), daemon.endpoints[MODEL])
    if goes_on is not None:
        plane.airflow.runs["release_2"] = goes_on
    with pytest.raises(Rejected, match=f"{MODEL}: .*{why}"):
        tidy(release_2="failed")
    assert (endpoint(plane), daemon.endpoints[MODEL]) == before


def test_where_airflow_does_not_say_a_person_breaks_a_dead_release(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register).through(*NEXT[:-1])
    before = daemon.weights(MODEL)
    with pytest.raises(Rejected, match="or break the endpoint"):
        tidy(release_2="failed")
    assert daemon.weights(MODEL) == before, "nobody was asked"
    dead = BreakEndpoint(reason="its scheduler burnt", live_version="1.0.0")
    plane.admin.break_endpoint(MODEL, dead)
    assert daemon.weights(MODEL) == before, "nobody has told the daemon"
    assert "as recorded" in tidy(release_2="failed")
    assert daemon.weights(MODEL) == {"1.0.0": 100}
    assert daemon.endpoints[MODEL].fencing_token == endpoint(plane).fencing_token


def test_a_release_that_ended_well_needs_nothing(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register)
    before = daemon.endpoints[MODEL]
    assert not endpoint(plane).owner
    assert before.owner, "the daemon keeps the name of the last owner"
    assert "as recorded" in tidy()
    assert daemon.endpoints[MODEL] == before


def test_what_others_did_to_a_free_endpoint_is_told_and_left(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register)
    daemon.meddle(MODEL)
    changed = daemon.endpoints[MODEL]
    with pytest.raises(Rejected, match=f"{MODEL}: .*revision"):
        tidy()
    assert daemon.endpoints[MODEL] == changed


def test_an_endpoint_that_nobody_knows_is_told(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register)
    daemon.endpoints["stray"] = daemon.endpoints[MODEL].model_copy(update={"name": "stray"})
    with pytest.raises(Rejected, match="stray: served, and the control plane does not know it"):
        tidy()


def test_an_outage_is_tried_again(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register)
    daemon.world.is_down = True
    with pytest.raises(ServingUnavailable):
        tidy()
