from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from include.embedded.demo import harm, summary, training
from include.embedded.demo.table import table
from include.embedded.demo.training import Unexpected
from include.replay.tally import LabelCounts, ReplaySummary

if TYPE_CHECKING:
    from pathlib import Path

GOOD = summary.TrainingTold(
    partition="2026q3", run_id="r", state="succeeded", reason="registered 1.0.0",
    data_verdict="accept", gates="pass: all", version="1.0.0", quarantined=0,
)  # fmt: skip
DAMAGED = GOOD.model_copy(update={
    "data_verdict": "quarantine", "quarantined": 3,
    "rules": (summary.RuleCount(rule="range", rows=3, example="too high"),),
})  # fmt: skip
ALERT = summary.AlertTold(title="stopped", severity="critical", deliveries=("slack: failed",))
BROKEN = GOOD.model_copy(update={
    "data_verdict": "stop", "state": "stopped", "version": "", "gates": "", "alerts": (ALERT,),
})  # fmt: skip


OVERRIDE = summary.OverrideTold(
    by="approver", reason="on purpose", asked_by="operator", gates=("probabilities_hold",)
)
WRONG = GOOD.model_copy(update={
    "partition": "2026q4_mislabelled", "gates": "fail: brier", "version": "1.1.0",
    "override": OVERRIDE,
})  # fmt: skip
SHADOW = summary.StageTold(
    kind="shadow", percent=100, state="passed", verdict="pass", words="no harm in 600 requests",
    observed_percent=100.0, candidate_requests=600, stable_requests=601, seconds=10.0,
)  # fmt: skip
FIVE = SHADOW.model_copy(update={
    "kind": "canary", "percent": 5, "state": "failed", "verdict": "fail",
    "words": "distribution: harm", "observed_percent": 5.02,
})  # fmt: skip
ROLLED_BACK = summary.ReleaseTold(
    version="1.1.0", run_id="r", state="rolled_back", reason="harm", is_first_release=False,
    stable_version="1.0.1", answered_by="", answer_reason="", stages=(SHADOW, FIVE),
)  # fmt: skip
TRAFFIC = ReplaySummary(
    url="u", seconds=9.0, rate=60.0, sent=540, rows=2160, answered=540, failed=0,
    by_version={"1.0.1": 510, "1.1.0": 30}, failures={}, median_ms=8.0, p99_ms=30.0,
    labels=LabelCounts(due=540, accepted=540, unknown=0, duplicates=0, lost=0),
    applications=397, claim="397 distinct applications",
)  # fmt: skip


def whole(**changes: object) -> summary.Summary:
    told = summary.Summary(
        is_complete=True, started_at="2026-01-01T00:00:00+00:00", seconds=9.0, seconds_to_live=5.0,
        phases=(summary.Phase(name="one", seconds=9.0),), trainings=(GOOD, DAMAGED, BROKEN),
        releases=(ROLLED_BACK,), prediction=None, harm=None, traffic=TRAFFIC, addresses=(),
        failures=(),
    )  # fmt: skip
    return told.model_copy(update=changes)


def test_it_is_kept_whole_and_reads_back(tmp_path: Path) -> None:
    summary.write(whole(), tmp_path / "demo" / "summary.json")
    text = (tmp_path / "demo" / "summary.json").read_text()
    assert summary.Summary.model_validate_json(text) == whole()


def test_it_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        whole().is_complete = False


def test_the_table_shows_every_run_rule_alert_and_failure() -> None:
    text = "\n".join(table(whole(failures=("it rained",))))
    for word in ("2026q3", "version 1.0.0", "range 3", "stopped", "slack: failed", "it rained"):
        assert word in text


def test_the_table_shows_stages_traffic_override_and_harm() -> None:
    told = harm.harm(ROLLED_BACK, "1.0.1", TRAFFIC)
    text = "\n".join(table(whole(trainings=(WRONG,), harm=told)))
    for word in (
        "release 1.1.0 beside 1.0.1: rolled_back", "5.0 %", "fail (failed)", "distribution: harm",
        "probabilities_hold overridden by approver (asked by operator)", "sent 540", "failed 0",
        "397 distinct", "stopped by canary 5 %", "having answered 30 callers",
    ):  # fmt: skip
        assert word in text, word


def test_harm_in_the_shadow_reached_nobody() -> None:
    stages = (SHADOW.model_copy(update={"state": "failed", "verdict": "fail"}),)
    release = ROLLED_BACK.model_copy(update={"stages": stages})
    traffic = TRAFFIC.model_copy(update={"by_version": {"1.0.1": 540}})
    told = harm.harm(release, "1.0.1", traffic)
    assert (told.stage, told.percent_reached, told.answered) == ("shadow 100 %", 0, 0)


@pytest.mark.parametrize(
    ("release", "live"),
    [
        (ROLLED_BACK, "1.1.0"),
        (ROLLED_BACK.model_copy(update={"stages": (SHADOW,)}), "1.0.1"),
        (
            ROLLED_BACK.model_copy(
                update={"stages": (FIVE.model_copy(update={"verdict": "error"}),)}
            ),
            "1.0.1",
        ),
        (
            ROLLED_BACK.model_copy(update={"stages": (FIVE.model_copy(update={"percent": 50}),)}),
            "1.0.1",
        ),
    ],
    ids=["another is live", "no stage failed", "not by evidence", "too late"],
)
def test_harm_that_was_not_stopped_right_fails_the_story(release, live) -> None:
    with pytest.raises(Unexpected):
        harm.harm(release, live, TRAFFIC)


def test_the_story_insists_on_what_it_promises() -> None:
    training.require_overridden(WRONG)
    training.require_registered(GOOD)
    training.require_quarantined(DAMAGED)
    training.require_stopped(BROKEN)


@pytest.mark.parametrize(
    ("insist", "run"),
    [
        (training.require_registered, BROKEN),
        (training.require_registered, GOOD.model_copy(update={"version": ""})),
        (training.require_registered, GOOD.model_copy(update={"gates": "fail: auc"})),
        (training.require_quarantined, GOOD),
        (training.require_quarantined, DAMAGED.model_copy(update={"rules": ()})),
        (training.require_quarantined, DAMAGED.model_copy(update={"gates": ""})),
        (training.require_overridden, GOOD),
        (training.require_overridden, WRONG.model_copy(update={"override": None})),
        (training.require_overridden, WRONG.model_copy(update={"gates": "inconclusive: x"})),
        (
            training.require_overridden,
            WRONG.model_copy(
                update={"override": OVERRIDE.model_copy(update={"asked_by": "approver"})}
            ),
        ),
        (training.require_stopped, GOOD),
        (training.require_stopped, BROKEN.model_copy(update={"alerts": ()})),
        (
            training.require_stopped,
            BROKEN.model_copy(update={"alerts": (ALERT.model_copy(update={"deliveries": ()}),)}),
        ),
    ],
)
def test_the_story_fails_where_one_part_did_not_happen(insist, run) -> None:
    with pytest.raises(Unexpected):
        insist(run)
