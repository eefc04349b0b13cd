"""Whole releases through their stages: what each verdict and each answer leads to."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import TaskDeferred

from include.client.messages.decisions import AnswerDecision, DecisionState
from include.client.messages.plans import RequestRollback, StageSeen, StageState
from include.client.messages.rollouts import MoveRollout, RolloutState
from include.errors import BadInput, DecisionClosed, RunEnded
from include.spec.release import Approval, Canary, Patience, QualityLimits, Shadow, Signals
from include.verdict import Verdict
from sensors.triggers.canary_health import CanaryHealthTrigger
from tests.integration.operators.test_release import endpoint, event, rollout
from tests.support.control_plane import free_port
from tests.support.release_run import FIRST, MODEL, NEXT, QUICK, STAGES, first, watch

if TYPE_CHECKING:
    from include.client.messages.registry import Version

LONG = Patience(min_requests=20, min_seconds=0, deadline_minutes=1)
BEGUN = (
    "choose_version", "open_rollout", "needs_approval", "deploy_dark", "endpoint_ready",
    "smoke_test", "way",
)  # fmt: skip
ASKED = ("ask", "answer", "answered")
AGAIN = ("extend", "health_again", "verdict_again")
STATES = tuple[StageState, ...]


@pytest.fixture
def live(run: Any, register: Any) -> Version:
    """Promote 1.0.0, and register 1.0.1 to be released."""
    register("a")
    run().through(*FIRST)
    version: Version = register("b")
    return version


def states(plane: Any) -> list[StageState]:
    return [record.state for record in rollout(plane).stages]


def settled(plane: Any, daemon: Any, live: str = "1.0.0") -> None:
    """Let pass an endpoint that is free, with all its traffic for one version."""
    record = endpoint(plane)
    assert (record.owner, record.live_version) == ("", live)
    assert daemon.weights(MODEL) == {live: 100}
    assert not daemon.mirrors(MODEL)


def ran(*stages: str, end: str) -> list[str]:
    return [*BEGUN, *stages, end, *(["settle"] if end == "promote" else [])]


def tasks(stage: str, *names: str) -> list[str]:
    return [f"{stage}.{name}" for name in names]


def dry(daemon: Any) -> Any:
    """Return what lets traffic dry up."""
    return lambda: setattr(daemon.world.traffic, "requests", 0)


def flow(daemon: Any, then: Any = bool) -> Any:
    """Return what lets traffic flow again, and does something else."""

    def begin() -> None:
        daemon.world.traffic.requests = 1000
        then()

    return begin


def test_a_candidate_is_promoted_through_all_stages(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release, splits = run("release_2"), {}
    looks = {
        f"{stage}.health": lambda stage=stage: splits.update({
            stage: (daemon.weights(MODEL), daemon.mirrors(MODEL))
        })
        for stage in STAGES
    }
    release.play(looks)
    assert set(release.did()) == set(ran(*(t for s in STAGES for t in watch(s)), end="promote"))
    assert splits == {
        "shadow": ({"1.0.0": 100, "1.0.1": 0}, {"1.0.1": 100}),
        "stage_25": ({"1.0.0": 75, "1.0.1": 25}, {}),
        "stage_100": ({"1.0.0": 0, "1.0.1": 100}, {}),
    }
    assert states(plane) == [StageState.PASSED] * 3
    revisions = [record.revision for record in rollout(plane).stages]
    assert len(set(revisions)) == 3
    settled(plane, daemon, "1.0.1")
    assert endpoint(plane).rollback_target == "1.0.0"
    assert release.task.xcoms["settle", "return_value"] == "1.0.1 promoted: all traffic, observed"


@pytest.mark.parametrize("place", range(len(STAGES)))
def test_harm_at_a_stage_rolls_back_with_an_alert_that_shows_it(
    run: Any, live: Version, plane: Any, daemon: Any, place: int
) -> None:
    release, stage = run("release_2"), STAGES[place]
    harm = lambda: setattr(daemon.world.of("1.0.1"), "errors", 0.5)  # noqa: E731
    release.play({f"{stage}.health": harm})
    before = [t for s in STAGES[: place + 1] for t in watch(s)]
    assert set(release.did()) == set(ran(*before, end="roll_back"))
    assert states(plane) == [StageState.PASSED] * place + [StageState.FAILED]
    ended = rollout(plane)
    assert ended.state is RolloutState.ROLLED_BACK
    assert ended.reason.startswith(f"{stage} failed: errors: harm")
    settled(plane, daemon)
    (alert,) = [a for a in plane.approver.alerts(model=MODEL) if "rolled back" in a.title]
    assert "• errors: fail" in alert.body
    assert "1.0.0 has all the traffic again" in alert.body
    assert ended.id in alert.link
    said = release.task.xcoms["settle", "failure"]
    assert "1.0.1 rolled back" in said
    assert stage in said


@pytest.mark.parametrize("stage", STAGES)
def test_people_who_say_continue_clear_a_stage(
    run: Any, live: Version, plane: Any, daemon: Any, stage: str
) -> None:
    release = run("release_2")
    release.play({
        f"{stage}.health": dry(daemon),
        f"{stage}.answer": flow(daemon, lambda: release.answer("continue")),
    })
    assert set(tasks(stage, *ASKED)) <= set(release.did())
    assert not set(tasks(stage, *AGAIN)) & set(release.did())
    record = rollout(plane).stages[STAGES.index(stage)]
    assert record.state is StageState.ACCEPTED
    assert "continue (" in record.reason
    assert "good rows" in record.reason
    settled(plane, daemon, "1.0.1")


@pytest.mark.parametrize("does_flow", [True, False])
def test_people_who_extend_let_the_evidence_decide(
    run: Any, live: Version, plane: Any, daemon: Any, does_flow: bool
) -> None:
    release = run("release_2")
    answer = lambda: release.answer("extend")  # noqa: E731
    hooks = {"stage_25.health": dry(daemon)}
    hooks["stage_25.answer"] = flow(daemon, answer) if does_flow else answer
    release.play(hooks)
    assert set(tasks("stage_25", *ASKED, *AGAIN)) <= set(release.did())
    if does_flow:
        assert states(plane) == [StageState.PASSED] * 3
        settled(plane, daemon, "1.0.1")
    else:
        assert states(plane) == [StageState.PASSED, StageState.FAILED]
        assert "roll_back" in release.did()
        settled(plane, daemon)


def test_the_second_watch_counts_anew(run: Any, live: Version, plane: Any, daemon: Any) -> None:
    release, revisions = run("release_2"), []
    look = lambda: revisions.append(rollout(plane).stages[0].revision)  # noqa: E731
    release.play({
        "shadow.health": lambda: (look(), dry(daemon)()),
        "shadow.answer": flow(daemon, lambda: release.answer("extend")),
        "shadow.health_again": look,
    })
    assert revisions[1] > revisions[0]


def test_people_are_told_what_was_seen(run: Any, live: Version, plane: Any, daemon: Any) -> None:
    release = run("release_2")
    release.play({
        "stage_25.health": dry(daemon),
        "stage_25.answer": lambda: release.answer("roll_back", "the morning is quiet"),
    })
    (asked,) = [d for d in plane.approver.decisions() if d.kind == "stage"]
    assert asked.options == ("continue", "extend", "roll_back")
    assert asked.default == "roll_back"
    assert "stage_25" in asked.title
    assert "1.0.1** on `mortgage_approval`, beside 1.0.0" in asked.body
    assert "no request has reached the candidate yet" in asked.body
    assert "No answer by the deadline rolls back" in asked.body
    assert "the morning is quiet" in rollout(plane).reason
    settled(plane, daemon)


def silent(deadline_hours: float = 0.0003) -> Canary:
    return Canary(
        shadow=Shadow(patience=QUICK),
        weights=(25, 100),
        patience=QUICK,
        undecided=Approval(deadline_hours=deadline_hours),
    )


def test_no_answer_rolls_back_and_a_late_one_is_refused(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2", canary=silent())
    release.play({"shadow.health": dry(daemon)})
    assert states(plane) == [StageState.FAILED]
    assert "nobody answered in time" in rollout(plane).reason
    settled(plane, daemon)
    (asked,) = [d for d in plane.approver.decisions() if d.kind == "stage"]
    assert asked.state is DecisionState.EXPIRED
    late = AnswerDecision(answer="continue", reason="too late", subject_digest=asked.subject_digest)
    with pytest.raises(DecisionClosed):
        plane.approver.answer_decision(asked.id, late)


def test_labels_that_never_come_ask_people(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    wanted = Signals(quality=QualityLimits(loss="error", margin=0.1))
    release = run("release_2", signals=wanted)
    release.play({"shadow.answer": lambda: release.answer("roll_back")})
    (stage,) = rollout(plane).stages
    assert stage.seen.verdict is Verdict.INCONCLUSIVE
    assert stage.seen.words == "quality: no labels yet, 100 needed"
    (asked,) = [d for d in plane.approver.decisions() if d.kind == "stage"]
    assert "no labels yet, 100 needed" in asked.body
    settled(plane, daemon)


def test_traffic_that_dries_up_in_mid_stage_asks_people(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")
    release.play({
        "stage_25.health": lambda: setattr(daemon.world.traffic, "requests", 40),
        "stage_25.answer": lambda: release.answer("roll_back"),
    })
    stage = rollout(plane).stages[1]
    assert stage.seen.candidate_requests == 10
    assert stage.seen.verdict is Verdict.INCONCLUSIVE
    assert "no harm seen, 10 of 20" in stage.seen.words
    settled(plane, daemon)


def test_the_first_of_two_answers_counts(run: Any, live: Version, plane: Any, daemon: Any) -> None:
    release = run("release_2")

    def twice() -> None:
        (asked,) = [d for d in plane.approver.decisions() if d.kind == "stage"]
        release.answer("roll_back")
        second = AnswerDecision(
            answer="continue", reason="no, go", subject_digest=asked.subject_digest
        )
        with pytest.raises(DecisionClosed):
            plane.approver.answer_decision(asked.id, second)

    release.play({"shadow.health": dry(daemon), "shadow.answer": twice})
    assert rollout(plane).state is RolloutState.ROLLED_BACK


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


@pytest.mark.parametrize("name", ["split", "health"])
def test_a_candidate_that_crashes_again_and_again_fails_at_once(
    run: Any, live: Version, plane: Any, daemon: Any, name: str
) -> None:
    def crash() -> None:
        conduct = daemon.world.of("1.0.1")
        conduct.health, conduct.crashes = "unhealthy", True
        daemon.world.traffic.requests = 0

    release = run("release_2", patience=LONG)
    release.play({f"stage_25.{name}": crash})
    assert rollout(plane).state is RolloutState.ROLLED_BACK
    assert "v1_0_1 does not stay up: 3 restarts" in release.task.xcoms["settle", "failure"]
    settled(plane, daemon)


def test_a_candidate_that_never_becomes_ready_is_refused(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2", ready_timeout_minutes=0.01)
    release.play({
        "stage_25.split": lambda: setattr(daemon.world.of("1.0.1"), "health", "starting")
    })
    said = release.task.xcoms["settle", "failure"]
    assert "stage_25.split failed" in said
    assert "v1_0_1 starting, 0 % of 25 %" in said
    settled(plane, daemon)


def test_a_split_that_requests_do_not_show_is_refused(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2", ready_timeout_minutes=0.01)
    release.play({"stage_25.split": lambda: setattr(daemon.world.traffic, "strays", 300)})
    said = release.task.xcoms["settle", "failure"]
    assert "split 550 of 1000 requests, 55.0 %" in said
    settled(plane, daemon)


def test_a_sick_stable_version_is_nothing_to_pass_against(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    release = run("release_2")

    def sicken() -> None:
        daemon.world.of("1.0.0").health = "unhealthy"

    def recover() -> None:
        assert "the stable version v1_0_0 is unhealthy" in rollout(plane).stages[1].seen.words
        daemon.world.of("1.0.0").health = "ready"
        release.answer("extend")

    release.play({"stage_25.health": sicken, "stage_25.answer": recover})
    settled(plane, daemon, "1.0.1")


def test_an_outage_of_the_daemon_is_waited_out(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    def fall() -> None:
        daemon.world.is_down = True
        threading.Timer(1.5, setattr, (daemon.world, "is_down", False)).start()

    release = run("release_2", patience=LONG)
    release.play({"stage_25.health": fall})
    assert states(plane) == [StageState.PASSED] * 3
    settled(plane, daemon, "1.0.1")


def test_an_outage_until_the_deadline_asks_people(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    def up() -> None:
        assert "does not answer" in rollout(plane).stages[1].seen.words or "503" in (
            rollout(plane).stages[1].seen.words
        )
        daemon.world.is_down = False
        release.answer("extend")

    release = run("release_2")
    release.play({
        "stage_25.health": lambda: setattr(daemon.world, "is_down", True),
        "stage_25.answer": up,
    })
    settled(plane, daemon, "1.0.1")


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


def watching(release: Any) -> dict[str, Any]:
    """Bring a release to the watch of its shadow, and return what Airflow stores of the trigger."""
    release.through(*NEXT[:6], "shadow.apply", "shadow.split")
    release.task.task_id = "shadow.health"
    with pytest.raises(TaskDeferred) as deferred:
        release.dag.get_task("shadow.health").execute(release.context())
    stored: dict[str, Any] = deferred.value.trigger.serialize()[1]
    return stored


def test_a_triggerer_that_starts_again_watches_on(
    run: Any, live: Version, plane: Any, daemon: Any
) -> None:
    stored = watching(run("release_2", patience=LONG))

    async def story() -> Any:
        dry(daemon)()
        killed = asyncio.create_task(first(CanaryHealthTrigger(**stored)))
        await asyncio.sleep(1.5)
        killed.cancel()
        with suppress(asyncio.CancelledError):
            await killed
        flow(daemon)()
        return await asyncio.wait_for(first(CanaryHealthTrigger(**stored)), 10)

    seen = StageSeen.model_validate_json(asyncio.run(story())["seen"])
    assert seen.verdict is Verdict.PASS
    assert rollout(plane).stages[0].seen.verdict is Verdict.NO_DATA


def test_an_outage_of_the_control_plane_ends_no_watch(
    run: Any, live: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = watching(run("release_2", patience=LONG))
    good = os.environ["AIRFLOW_CONN_AIRWORTHY"]
    gone = json.loads(good) | {"host": f"http://127.0.0.1:{free_port()}"}
    looks: list[bool] = []

    async def story() -> Any:
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps(gone))
        waiting = asyncio.create_task(first(CanaryHealthTrigger(**stored)))
        await asyncio.sleep(1)
        looks.append(waiting.done())
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", good)
        return await asyncio.wait_for(first(CanaryHealthTrigger(**stored)), 10)

    seen = StageSeen.model_validate_json(asyncio.run(story())["seen"])
    assert looks == [False]
    assert seen.verdict is Verdict.PASS


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
