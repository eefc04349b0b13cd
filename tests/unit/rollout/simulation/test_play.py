"""A plan against a script: the story ends as the script makes it, with the real judge."""

from __future__ import annotations

from typing import Any

import pytest

from include.errors import BadInput
from include.rollout.simulation.play import play
from include.rollout.simulation.script import Script
from include.spec.release import QualityLimits, Signals
from include.verdict import Verdict
from tests.support.plans import plan

PLAN = plan("canary", 5, 100, shadow=True)


def story(chosen=PLAN, **script: Any) -> list[str]:
    return list(play(chosen, Script.model_validate(script)))


def test_a_harmless_release_is_promoted() -> None:
    told = story(traffic=100)
    assert told[-1].startswith("promoted after")
    assert told[-1].endswith(" 0 failed")
    order = [line for line in told if "of the requests are" in line]
    assert [line.split("  ")[-1].split(":")[0] for line in order] == [
        "shadow", "stage_5", "stage_100",
    ]  # fmt: skip


def test_the_same_script_tells_the_same_story() -> None:
    assert story(seed=3) == story(seed=3)
    assert story(seed=3, candidate={"errors": 0.01}) != story(seed=4, candidate={"errors": 0.01})


def test_errors_are_found_at_the_stage_at_which_they_begin() -> None:
    told = story(traffic=100, stages={"stage_100": {"candidate": {"errors": 0.5}}})
    assert told[-1].startswith("rolled back")
    assert any("stage_100: the live version is brought back" in line for line in told)


def test_errors_in_the_shadow_reach_nobody() -> None:
    told = story(traffic=100, candidate={"errors": 0.5})
    assert "stage_5" not in "".join(told[1:])
    assert told[-1].endswith(" 0 failed")


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_model_that_is_only_wrong_is_rolled_back(task: str) -> None:
    kind = "error" if task == "classification" else "absolute"
    signals = Signals(quality=QualityLimits(loss=kind, margin=0.1))  # type: ignore[arg-type]
    chosen = PLAN.model_copy(update={"task": task, "signals": signals})
    scene = {"stable": {"loss": 0.2}, "candidate": {"loss": 0.6}}
    told = story(chosen, traffic=100, labels=1.0, **scene)
    assert told[-1].startswith("rolled back")
    assert any("quality: fail" in line for line in told)


@pytest.mark.parametrize(
    ("answer", "end"), [("continue", "promoted"), ("roll_back", "rolled back"),
                        ("none", "rolled back")],
)  # fmt: skip
def test_without_a_verdict_people_decide(answer: str, end: str) -> None:
    given = {"verdict": "inconclusive", "answer": answer}
    assert story(traffic=100, stages={"stage_5": given})[-1].startswith(end)


@pytest.mark.parametrize(("then", "end"), [("pass", "promoted"), ("no_data", "rolled back")])
def test_watched_once_more_the_evidence_decides(then: str, end: str) -> None:
    given = {"verdict": "error", "answer": "extend", "extended": {"verdict": then}}
    told = story(traffic=100, stages={"stage_5": given})
    assert told[-1].startswith(end)
    assert any("watched once more" in line for line in told)


def test_traffic_that_dries_up_asks_and_never_passes() -> None:
    told = story(traffic=10, stages={"stage_5": {"dries_up_at": 2}})
    assert any("stage_5: people are asked; answer: unanswered" in line for line in told)
    assert told[-1].startswith("rolled back")


def test_an_outage_is_waited_out() -> None:
    short = {"outages": [{"begins": 0, "ends": 40}]}
    assert story(traffic=100, stages={"stage_5": short})[-1].startswith("promoted")
    whole = {"outages": [{"begins": 0, "ends": 99}]}
    told = story(traffic=100, stages={"stage_5": whole})
    assert any("nobody could look" in line for line in told)
    assert told[-1].startswith("rolled back")


@pytest.mark.parametrize(
    ("what", "end"),
    [("stop", "stopped"), ("superseded", "superseded"), ("broken", "rolled back")],
)
def test_incidents_end_it(what: str, end: str) -> None:
    incident = {"incident": {"at": 3, "what": what, "words": "it happened"}}
    assert story(stages={"stage_5": incident})[-1].startswith(end)


def test_a_foreign_change_asks_people() -> None:
    incident = {"incident": {"at": 3, "what": "foreign"}, "answer": "continue"}
    told = story(traffic=100, stages={"stage_5": incident})
    assert any("people are asked; answer: continue" in line for line in told)


def test_before_any_stage() -> None:
    assert story(approval="refuse")[-1].startswith("refused")
    assert story(approval="approve", traffic=100)[-1].startswith("promoted")
    failed = story(smoke_test="fail")
    assert failed[-1].startswith("rolled back")
    assert any("the smoke test failed" in line for line in failed)


def test_a_first_release_has_nothing_beside_it_and_a_rollback_no_stages() -> None:
    assert story(plan("first"), traffic=50)[-1].startswith("promoted")
    bad = story(plan("first"), traffic=50, candidate={"errors": 0.3})
    assert bad[-1].startswith("rolled back")
    assert story(plan("rollback"))[-1] == "promoted after 0:00:00; 0 requests, 0 failed"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_given_verdict_holds_at_every_stage(verdict: Verdict) -> None:
    given = {name: {"verdict": verdict.value} for name in ("shadow", "stage_5", "stage_100")}
    told = story(traffic=100, stages=given)
    assert told[-1].startswith("promoted" if verdict is Verdict.PASS else "rolled back")


def test_a_stage_that_the_plan_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match="no such stage"):
        story(stages={"stage_7": {}})
