"""Whole releases that others meddle with: foreign changes, newer versions, stops, edits."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.plans import RequestRollback, StageState
from include.client.messages.rollouts import MoveRollout, RolloutState
from include.errors import BadInput, RunEnded
from include.spec.release import Canary, Shadow
from tests.support.release_run import MODEL, NEXT, QUICK, STAGES, watch
from tests.support.release_stories import (
    AGAIN,
    ASKED,
    BEGUN,
    LONG,
    dry,
    endpoint,
    event,
    rollout,
    settled,
    states,
    tasks,
)

if TYPE_CHECKING:
    from include.client.messages.registry import Version


@pytest.mark.parametrize("name", ["apply", "split", "health"])
def test_a_foreign_change_pauses_and_is_taken_back_where_people_extend(
    run: Any, live: Version, plane: Any, daemon: Any, name: str
) -> None:
    release, words = run("release_2"), []

    def extend() -> None:
        words.append(rollout(plane).stages[1].seen.words)
        assert daemon.weights(MODEL)["1.0.0"] == 100
        release.answer("extend")

    release.play({
        f"stage_25.{name}": lambda: daemon.meddle(MODEL, v1_0_0=100, v1_0_1=0),
        "stage_25.answer": extend,
    })
    assert "somebody else changed the endpoint: it is at revision" in words[0]
    assert states(plane) == [StageState.PASSED] * 3
    settled(plane, daemon, "1.0.1")


def test_a_foreign_change_is_taken_back_where_people_roll_back(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.play({
        "stage_100.health": lambda: daemon.meddle(MODEL, v1_0_0=50, v1_0_1=50),
        "stage_100.answer": lambda: release.answer("roll_back"),
    })
    settled(plane, daemon)
    assert daemon.endpoints[MODEL].revision == endpoint(plane).revision


def test_a_foreign_change_before_the_promotion_rolls_back(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.play({"promote": lambda: daemon.meddle(MODEL, v1_0_0=50, v1_0_1=50)})
    assert release.task.states["promote"] == "failed"
    assert rollout(plane).state is RolloutState.ROLLED_BACK
    settled(plane, daemon)


def test_a_newer_version_takes_the_place_of_one_on_its_way(
    run: Any, live: Version, register: Any, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.play({"stage_25.health": lambda: register("c")})
    (ended,) = [r for r in plane.approver.rollouts(model=MODEL) if r.version == "1.0.1"]
    assert ended.state is RolloutState.SUPERSEDED
    assert "superseded: version 1.0.2 was registered" in release.task.xcoms["settle", "failure"]
    assert release.task.states["stage_100.apply"] == "skipped"
    settled(plane, daemon)
    newest = run("release_3")
    newest.play(triggering_asset_events=event("1.0.2"))
    settled(plane, daemon, "1.0.2")


def soon(plane: Any) -> None:
    found = rollout(plane)
    stop = MoveRollout(
        state=RolloutState.STOPPED, reason="wrong batch", fencing_token=found.fencing_token
    )
    threading.Timer(0.5, plane.operator.move_rollout, (found.id, stop)).start()


@pytest.mark.parametrize("name", ["health", "answer"])
def test_a_stop_ends_a_wait(run: Any, live: Version, plane: Any, daemon: Any, name: str) -> None:
    patience = LONG if name == "health" else QUICK
    release = run("release_2", patience=patience)
    hooks: dict[str, Any] = {"stage_25.health": dry(daemon)}
    earlier = hooks.get(f"stage_25.{name}", bool)
    hooks[f"stage_25.{name}"] = lambda: (earlier(), soon(plane))
    release.play(hooks)
    assert rollout(plane).state is RolloutState.STOPPED
    assert "stopped: wrong batch (operator)" in release.task.xcoms["settle", "failure"]
    settled(plane, daemon)


def back(plane: Any, live: str) -> dict[str, Any]:
    wish = RequestRollback(reason="customers complain", live_version=live)
    request = plane.operator.request_rollback(MODEL, wish)
    extra = {"model": MODEL, "version": request.version, "rollback_id": request.id}
    return {"asset": [SimpleNamespace(extra=extra)]}


def test_a_live_version_goes_when_people_ask_for_it(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    run("release_2").play()
    told = back(plane, "1.0.1")
    release = run("release_3")
    release.play(triggering_asset_events=told)
    assert set(release.did()) == {*BEGUN, "go_back", "promote", "settle"}
    settled(plane, daemon, "1.0.0")
    ended = rollout(plane)
    assert (ended.plan.kind, ended.approval_required) == ("rollback", False)
    assert "people asked to go back from 1.0.1" in release.task.xcoms["settle", "return_value"]
    again = run("release_4")
    again.play(triggering_asset_events=told)
    assert again.did() == ["settle"]
    assert "nothing to go back to" in again.task.xcoms["settle", "return_value"]
    settled(plane, daemon, "1.0.0")


def test_going_back_comes_before_what_is_new(
    run: Any, live: Version, register: Any, plane: Any, daemon: Any
) -> None:
    run("release_2").play()
    told = back(plane, "1.0.1")
    register("c")
    release = run("release_3")
    release.play(triggering_asset_events={**event("1.0.2"), "rollback": told["asset"]})
    settled(plane, daemon, "1.0.0")


def edited(release: Any, *weights: int) -> Any:
    """Return what changes the spec, and so the graph, in the middle of a run."""
    canary = Canary(shadow=Shadow(patience=QUICK), weights=weights, patience=QUICK)
    spec = release.spec
    changed = spec.release.model_copy(update={"canary": canary})
    return spec.model_copy(update={"release": changed})


def test_the_frozen_plan_holds_where_the_spec_is_edited(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.through("choose_version", "open_rollout", "approve")
    release.spec = edited(release, 50, 100)
    del release.dag
    release.through("deploy_dark", "smoke_test", *watch("shadow"))
    release.through("stage_50.apply")
    assert daemon.weights(MODEL) == {"1.0.0": 75, "1.0.1": 25}


def test_a_graph_that_no_longer_fits_the_plan_rolls_back(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.through("choose_version", "open_rollout", "approve", "deploy_dark", "smoke_test")
    release.spec = edited(release, 10, 50, 75, 100)
    del release.dag
    with pytest.raises(BadInput, match="has 3 stages"):
        release.do("way")
    with pytest.raises(RunEnded, match=r"way failed: .* has 3 stages"):
        release.do("settle")
    settled(plane, daemon)


def test_of_two_releases_at_once_the_second_leaves_the_first_alone(
    run: Any, live: Version, register: Any, plane: Any, daemon: Any
) -> None:
    owner = run("release_2")
    owner.through(*NEXT[:10])
    before, shown = endpoint(plane), daemon.endpoints[MODEL]
    second = run("release_3", newer_version="queue")
    second.play(params={"version": "1.0.1"})
    assert second.did() == ["choose_version"]
    assert second.task.states["open_rollout"] == "failed"
    assert "owns the endpoint" in second.task.xcoms["settle", "failure"]
    assert (endpoint(plane), daemon.endpoints[MODEL]) == (before, shown)


def test_cleared_tasks_of_an_ended_rollout_change_nothing(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.play({"stage_25.health": lambda: setattr(daemon.world.of("1.0.1"), "errors", 0.5)})
    before, ended = (endpoint(plane), daemon.endpoints[MODEL]), rollout(plane)
    for stage in STAGES:
        for task in (*watch(stage), *tasks(stage, *ASKED, *AGAIN)):
            followed = release.do(task)
            # What passed leads on, to tasks that do nothing either.
            assert followed in {None, "", "roll_back", "stage_25.apply"}
    assert release.do("roll_back") is None
    assert release.do("promote") is None
    assert (endpoint(plane), daemon.endpoints[MODEL]) == before
    assert rollout(plane) == ended
