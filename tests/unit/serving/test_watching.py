from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from include.client.messages.base import RunRef
from include.client.messages.plans import StageRecord, StageState
from include.client.messages.rollouts import Rollout, RolloutState
from include.evidence.tally import Evidence, Tally
from include.serving.endpoint import Health, Observation, VariantState
from include.serving.watching import crashing, foreign, lacking, measured, sick, wanted_weights
from tests.support.plans import plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CANDIDATE, STABLE = "v2_0_0", "v1_0_0"


def rollout(index: int = 1, stable: str = "1.0.0") -> Rollout:
    """Return a rollout of 2.0.0 beside 1.0.0: shadow, 25 %, 100 %; at a stage under revision 7."""
    records = tuple(
        StageRecord(index=i, state=StageState.OBSERVED, revision=6 + i, began_at=NOW)
        for i in range(index + 1)
    )
    return Rollout(
        id="r", endpoint="m", model="m", version="2.0.0", stable_version=stable,
        plan=plan("canary", 25, 100, shadow=True), plan_digest="p", stages=records,
        state=RolloutState.STAGED, reason="", fencing_token=3, is_first_release=not stable,
        approval_required=False, run=RunRef(dag_id="d", run_id="r"), opened_at=NOW,
    )  # fmt: skip


def state(name: str, weight: int, **changes: Any) -> VariantState:
    said = {"health": Health.READY, "restarts": 0, "message": "", **changes}
    return VariantState(name, name[1:].replace("_", "."), weight, url="", **said)


def observed(*states: VariantState, revision: int = 7, token: int = 3) -> Observation:
    return Observation("m", revision, token, "", states)


def test_each_stage_has_its_weights() -> None:
    assert wanted_weights(rollout(), 0) == {CANDIDATE: 0, STABLE: 100}
    assert wanted_weights(rollout(), 1) == {CANDIDATE: 25, STABLE: 75}
    assert wanted_weights(rollout(), 2) == {CANDIDATE: 100, STABLE: 0}
    assert wanted_weights(rollout(stable=""), 2) == {CANDIDATE: 100}


OURS = (state(STABLE, 75), state(CANDIDATE, 25))


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (observed(*OURS), ""),
        (observed(state(STABLE, 75), state(CANDIDATE, 0, health=Health.STARTING)), ""),
        (observed(*OURS, revision=8), "at revision 8 under token 3, and ours is 7 under 3"),
        (observed(*OURS, revision=6), "at revision 6"),
        (observed(*OURS, token=4), "under token 4"),
        (observed(state(STABLE, 50), state(CANDIDATE, 50)), "v1_0_0 50 %, v2_0_0 50 %"),
        (observed(*OURS, state("v9_0_0", 5)), "v9_0_0 5 %"),
    ],
)
def test_what_is_not_ours_is_foreign(observation: Observation, words: str) -> None:
    found = rollout()
    told = foreign(found, found.stages[1], observation)
    assert words in told
    assert bool(told) is bool(words)


@pytest.mark.parametrize(
    ("seen", "loops"),
    [
        (state(CANDIDATE, 0, health=Health.UNHEALTHY, restarts=5), True),
        (state(CANDIDATE, 0, health=Health.STARTING, restarts=5), True),
        (state(CANDIDATE, 0, health=Health.UNHEALTHY, restarts=4), False),
        (state(CANDIDATE, 25, restarts=9), False),
        (state(STABLE, 0, health=Health.UNHEALTHY, restarts=9), False),
    ],
)
def test_three_restarts_without_staying_up_are_a_loop(seen: VariantState, loops: bool) -> None:
    assert bool(crashing(observed(seen), CANDIDATE, restarts=2)) is loops


def test_a_sick_stable_version_matters_while_it_is_compared() -> None:
    ill = observed(state(STABLE, 0, health=Health.UNHEALTHY), state(CANDIDATE, 25))
    assert sick(rollout(), 1, ill) == "the stable version v1_0_0 is unhealthy"
    assert sick(rollout(), 1, observed(state(CANDIDATE, 25))).endswith("is not there")
    assert not sick(rollout(2), 2, ill)
    assert not sick(rollout(stable=""), 2, ill)


def test_a_split_is_there_when_everybody_carries_their_weight() -> None:
    assert lacking(rollout(), 1, observed(*OURS)) == ""
    assert lacking(rollout(), 1, observed(OURS[0])) == "v2_0_0 is not there"
    late = observed(OURS[0], state(CANDIDATE, 0, health=Health.STARTING, message="loads"))
    assert lacking(rollout(), 1, late) == "v2_0_0 starting, 0 % of 25 %: loads"


def counted(candidate: int, stable: int) -> Evidence:
    tallies = (Tally("s", "1.0.0", requests=stable), Tally("c", "2.0.0", requests=candidate))
    return Evidence("m", 7, 10.0, tallies)


@pytest.mark.parametrize(
    ("candidate", "stable", "is_off"),
    [(0, 0, False), (9, 1, False), (250, 750, False), (255, 745, False), (550, 450, True)],
)
def test_requests_have_to_show_the_split(candidate: int, stable: int, is_off: bool) -> None:
    off, words = measured(rollout(), 1, counted(candidate, stable))
    assert off is is_off
    known = f"{candidate} of {candidate + stable} requests"
    assert words.startswith(known if candidate + stable else "not measured")
