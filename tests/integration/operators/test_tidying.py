"""Housekeeping against a control plane that listens, after releases that died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.rollouts import BreakEndpoint
from include.errors import Rejected, ServingUnavailable
from operators.tidy_endpoints import TidyEndpointsOperator
from tests.integration.operators.test_release import endpoint
from tests.integration.operators.test_stopping import second
from tests.support.release_run import MODEL, NEXT

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def tidy(task: Any, context: Any) -> Callable[..., str]:
    """Return what runs the task, where runs of Airflow have the states given."""

    def run(**runs: str) -> str:
        task.dag_id, task.task_id, task.run_id = "housekeeping", "tidy", "hourly_1"
        task.runs = runs
        return str(TidyEndpointsOperator(task_id="tidy").execute(context()))

    return run


def test_a_release_that_goes_on_is_left_alone(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register).through(*NEXT[:-1])
    before = (endpoint(plane), daemon.weights(MODEL))
    assert "as recorded" in tidy(release_2="running")
    assert (endpoint(plane), daemon.weights(MODEL)) == before


def test_a_dead_release_is_told_broken_and_then_finished(
    run: Any, register: Any, plane: Any, daemon: Any, tidy: Callable[..., str]
) -> None:
    second(run, register).through(*NEXT[:-1])
    before = daemon.weights(MODEL)
    with pytest.raises(Rejected, match="its run is over"):
        tidy(release_2="failed")
    assert daemon.weights(MODEL) == before, "only a person takes it from a rollout"
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
