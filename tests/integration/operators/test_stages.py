"""Whole releases through their stages: what each verdict and each answer leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.decisions import AnswerDecision, DecisionState
from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.errors import DecisionClosed
from include.spec.release import Approval, Canary, QualityLimits, Shadow, Signals
from include.verdict import Verdict
from tests.support.release_run import MODEL, QUICK, STAGES, watch
from tests.support.release_stories import (
    AGAIN,
    ASKED,
    dry,
    endpoint,
    flow,
    ran,
    rollout,
    settled,
    states,
    tasks,
)

if TYPE_CHECKING:
    from include.client.messages.registry import Version


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
