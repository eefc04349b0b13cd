from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include.client.messages.base import RunRef
from include.client.messages.plans import SignalSeen, StageRecord, StageState
from include.client.messages.rollouts import Rollout, RolloutState
from include.embedded.demo.progress import Progress
from include.embedded.demo.stages import StageTeller, told
from include.verdict import Verdict
from tests.support.plans import plan, seen

if TYPE_CHECKING:
    import pytest

NOW = datetime(2026, 3, 2, tzinfo=UTC)
QUALITY = SignalSeen(
    name="quality", verdict=Verdict.PASS, words="no worse", samples=240, needed=100
)  # fmt: skip
LOOK = seen().model_copy(update={"observed_percent": 5.02, "signals": (QUALITY,)})


def rollout(*records: StageRecord) -> Rollout:
    return Rollout(
        id="01", endpoint="m", model="m", version="1.0.1", stable_version="1.0.0",
        plan=plan("canary", 5, 100, shadow=True), plan_digest="p", stages=records,
        state=RolloutState.STAGED, reason="", fencing_token=1, is_first_release=False,
        approval_required=False, run=RunRef(dag_id="m_release", run_id="r"), opened_at=NOW,
    )  # fmt: skip


def record(index: int, state: StageState, **changes: object) -> StageRecord:
    made = StageRecord(index=index, state=state, revision=3, began_at=NOW)
    return made.model_copy(update=changes)


SHADOW = record(0, StageState.PASSED, ended_at=NOW, seen=LOOK)


def test_each_change_of_a_stage_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    teller = StageTeller(Progress())
    for state in (StageState.APPLIED, StageState.APPLIED, StageState.OBSERVED):
        teller.look(rollout(SHADOW, record(1, state, seen=LOOK)))
    lines = [line.split("]   ")[1] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "shadow 100 %: passed, observed 5.0 %, 100 requests in 30 s: as told",
        "canary 5 %: applied",
        "canary 5 %: observed",
    ]


def test_the_summary_keeps_what_was_wanted_and_seen() -> None:
    shadow, five = told(rollout(SHADOW, record(1, StageState.ABANDONED, reason="stopped")))
    assert (shadow.kind, shadow.percent, shadow.observed_percent) == ("shadow", 100, 5.02)
    assert [(one.name, one.samples) for one in shadow.signals] == [("quality", 240)]
    assert (five.state, five.verdict, five.words) == ("abandoned", "no_data", "stopped")
