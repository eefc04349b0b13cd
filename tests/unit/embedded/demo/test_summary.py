from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from include.embedded.demo import summary, training
from include.embedded.demo.training import Unexpected

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


def whole(**changes: object) -> summary.Summary:
    told = summary.Summary(
        is_complete=True, started_at="2026-01-01T00:00:00+00:00", seconds=9.0, seconds_to_live=5.0,
        phases=(summary.Phase(name="one", seconds=9.0),), trainings=(GOOD, DAMAGED, BROKEN),
        releases=(), prediction=None, addresses=(), failures=(),
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
    text = "\n".join(summary.table(whole(failures=("it rained",))))
    for word in ("2026q3", "version 1.0.0", "range 3", "stopped", "slack: failed", "it rained"):
        assert word in text


def test_the_story_insists_on_what_it_promises() -> None:
    training.require_registered(GOOD)
    training.require_quarantined(DAMAGED)
    training.require_stopped(BROKEN)


@pytest.mark.parametrize(
    ("insist", "run"),
    [
        (training.require_registered, BROKEN),
        (training.require_registered, GOOD.model_copy(update={"version": ""})),
        (training.require_quarantined, GOOD),
        (training.require_quarantined, DAMAGED.model_copy(update={"rules": ()})),
        (training.require_quarantined, DAMAGED.model_copy(update={"gates": ""})),
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
