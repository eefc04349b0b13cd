"""The machine under any order of observations: it stops itself, and never goes too far."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from include.client.messages.plans import ReleasePlan, StageState
from include.client.messages.rollouts import RolloutState
from include.rollout.clearing import CLEARED, ENDED, FOLLOWERS, concluded, is_cleared
from include.rollout.machine import Do, Observation, Sight, action, advance
from include.rollout.progress import Progress
from include.rollout.states import is_end
from include.verdict import Verdict
from tests.support.plans import plan

PLANS = st.sampled_from([
    plan("first"), plan("rollback"), plan("canary"), plan("canary", 5, 25, 100),
    plan("canary", 50, 100, shadow=True),
])  # fmt: skip
OBSERVATIONS = st.builds(
    Observation, sight=st.sampled_from(Sight), verdict=st.sampled_from(Verdict)
)
# What a world that goes well answers to each action.
GOOD = {
    Do.ASK_APPROVAL: Sight.APPROVED,
    Do.DEPLOY_DARK: Sight.DEPLOYED,
    Do.SMOKE_TEST: Sight.TESTED,
    Do.APPLY: Sight.APPLIED,
    Do.VERIFY_SPLIT: Sight.SPLIT,
    Do.WATCH: Sight.JUDGED,
    Do.EXTEND: Sight.JUDGED,
    Do.ASK: Sight.CONTINUE,
    Do.PROMOTE: Sight.PROMOTED,
    Do.ROLL_BACK: Sight.SETTLED,
}
NOT_PASSING = [Verdict.INCONCLUSIVE, Verdict.NO_DATA, Verdict.ERROR]


def good(do: Do) -> Observation:
    return Observation(sight=GOOD[do], verdict=Verdict.PASS)


class Machine(RuleBasedStateMachine):
    """Anything is observed at any time, also what makes no sense; actions are done or not."""

    @initialize(chosen=PLANS, approval=st.booleans())
    def begin(self, chosen: ReleasePlan, approval: bool) -> None:
        self.plan = chosen
        self.progress = Progress(approval_required=approval)
        self.past = [self.progress]
        self.seen: list[Observation] = []

    def observe(self, seen: Observation) -> None:
        self.progress = advance(self.plan, self.progress, seen)
        self.seen.append(seen)
        self.past.append(self.progress)

    @rule(seen=OBSERVATIONS)
    def anything_is_observed(self, seen: Observation) -> None:
        self.observe(seen)

    @rule()
    def what_is_needed_goes_well(self) -> None:
        do = action(self.plan, self.progress).do
        if do is not Do.NOTHING:
            self.observe(good(do))

    @rule(verdict=st.sampled_from(Verdict))
    def a_watch_ends(self, verdict: Verdict) -> None:
        self.observe(Observation(sight=Sight.DEADLINE, verdict=verdict))

    @invariant()
    def no_stage_is_skipped_or_repeated(self) -> None:
        before, now = self.past[-2:] if len(self.past) > 1 else (self.past[0], self.past[0])
        assert len(now.stages) - len(before.stages) in {0, 1}
        assert now.stages[: before.index] == before.stages[: max(before.index, 0)]
        assert all(stage in CLEARED for stage in now.stages[:-1])
        if len(now.stages) == len(before.stages) and now.stages != before.stages:
            left, reached = before.stages[-1], now.stages[-1]
            assert reached in FOLLOWERS[left] | {StageState.ABANDONED}

    @invariant()
    def promoted_means_every_stage_was_cleared(self) -> None:
        if self.progress.state is RolloutState.PROMOTED:
            assert is_cleared(self.plan, self.progress)
            states = [progress.state for progress in self.past]
            assert RolloutState.VERIFIED in states
            assert (RolloutState.STAGED in states) == bool(self.plan.stages)

    @invariant()
    def only_evidence_or_people_clear_a_stage(self) -> None:
        if len(self.past) < 2 or self.past[-1].stages == self.past[-2].stages:
            return
        seen, reached = self.seen[-1], self.past[-1].stage
        if reached is StageState.PASSED:
            assert seen.verdict is Verdict.PASS
            assert seen.sight in {Sight.JUDGED, Sight.DEADLINE}
        if reached is StageState.ACCEPTED:
            assert seen.sight is Sight.CONTINUE

    @invariant()
    def an_end_is_last_and_closes_its_stages(self) -> None:
        for before, now in zip(self.past, self.past[1:], strict=False):
            assert not is_end(before.state) or before == now
        if is_end(self.progress.state):
            assert all(stage in ENDED for stage in self.progress.stages)
            assert action(self.plan, self.progress).do is Do.NOTHING

    @invariant()
    def a_mark_leads_back_and_nowhere_else(self) -> None:
        is_open = not is_end(self.progress.state)
        if is_open and (self.progress.stop or self.progress.broken):
            assert action(self.plan, self.progress).do is Do.ROLL_BACK

    @invariant()
    def there_is_a_way_to_a_safe_end(self) -> None:
        broken = advance(self.plan, self.progress, Observation(sight=Sight.BROKEN))
        settled = advance(self.plan, broken, Observation(sight=Sight.SETTLED))
        assert is_end(settled.state)
        went_on = self.progress
        for _ in range(60):
            do = action(self.plan, went_on).do
            if do is Do.NOTHING:
                break
            went_on = advance(self.plan, went_on, good(do))
        assert is_end(went_on.state)

    @invariant()
    def it_survives_json(self) -> None:
        assert Progress.model_validate_json(self.progress.model_dump_json()) == self.progress
        told = action(self.plan, self.progress)
        assert type(told).model_validate_json(told.model_dump_json()) == told


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def play(chosen: ReleasePlan, *seen: Observation, approval: bool = False) -> Progress:
    progress = Progress(approval_required=approval)
    for one in seen:
        progress = advance(chosen, progress, one)
    return progress


def sights(*names: str) -> list[Observation]:
    return [Observation(sight=Sight(name), verdict=Verdict.PASS) for name in names]


def test_the_whole_way_of_a_canary() -> None:
    chosen, progress, done = plan("canary", 5, 100, shadow=True), Progress(), []
    while (told := action(chosen, progress)).do is not Do.NOTHING:
        done.append((told.do.value, told.stage))
        progress = advance(chosen, progress, good(told.do))
    assert done == [
        ("deploy_dark", -1), ("smoke_test", -1),
        ("apply", 0), ("verify_split", 0), ("watch", 0),
        ("apply", 1), ("verify_split", 1), ("watch", 1),
        ("apply", 2), ("verify_split", 2), ("watch", 2),
        ("promote", -1),
    ]  # fmt: skip
    assert progress.state is RolloutState.PROMOTED


def test_a_rollback_is_promoted_once_it_was_tested() -> None:
    back = plan("rollback")
    verified = play(back, *sights("deployed", "tested"))
    assert action(back, verified).do is Do.PROMOTE
    assert play(back, *sights("deployed", "tested", "applied")) == verified


def test_nothing_is_deployed_before_a_needed_approval() -> None:
    first = plan("first")
    asked = play(first, *sights("deployed", "tested", "applied"), approval=True)
    assert asked.state is RolloutState.OPENED
    assert action(first, asked).do is Do.ASK_APPROVAL
    refused = play(first, *sights("refused"), approval=True)
    assert refused.state is RolloutState.REFUSED


AT_STAGE = sights("deployed", "tested", "applied", "split")


@pytest.mark.parametrize("verdict", NOT_PASSING)
def test_a_watch_without_a_verdict_goes_on_until_its_deadline_and_then_asks(
    verdict: Verdict,
) -> None:
    chosen = plan("canary", 5, 100)
    look = Observation(sight=Sight.JUDGED, verdict=verdict)
    watched = play(chosen, *AT_STAGE, look)
    assert action(chosen, watched).do is Do.WATCH
    over = Observation(sight=Sight.DEADLINE, verdict=verdict)
    asked = advance(chosen, watched, over)
    assert action(chosen, asked).do is Do.ASK
    for answer, then in (
        ("continue", Do.APPLY), ("extend", Do.EXTEND), ("roll_back", Do.ROLL_BACK),
        ("unanswered", Do.ROLL_BACK),
    ):  # fmt: skip
        assert action(chosen, advance(chosen, asked, *sights(answer))).do is then
    extended = advance(chosen, asked, *sights("extend"))
    assert advance(chosen, extended, over).stage is StageState.FAILED
    assert advance(chosen, extended, look) == extended


def test_harm_leads_back_at_once_and_a_late_pass_does_not_help() -> None:
    chosen = plan("canary", 5, 100)
    harm = Observation(sight=Sight.JUDGED, verdict=Verdict.FAIL)
    failed = play(chosen, *AT_STAGE, harm)
    told = action(chosen, failed)
    assert (told.do, told.stage) == (Do.ROLL_BACK, 0)
    assert play(chosen, *AT_STAGE, harm, *sights("judged", "applied", "promoted")) == failed
    ended = advance(chosen, failed, *sights("settled"))
    assert ended.state is RolloutState.ROLLED_BACK


def test_a_foreign_change_pauses_and_asks() -> None:
    chosen = plan("canary", 5, 100)
    paused = play(chosen, *AT_STAGE, *sights("foreign"))
    assert action(chosen, paused).do is Do.ASK


@pytest.mark.parametrize(
    ("mark", "end"), [("stop", "stopped"), ("superseded", "superseded"), ("broken", "rolled_back")]
)
def test_the_end_says_why(mark: str, end: str) -> None:
    chosen = plan("canary", 5, 100)
    ended = play(chosen, *AT_STAGE, *sights(mark, "settled"))
    assert ended.state == end
    assert ended.stages == (StageState.ABANDONED,)
    untouched = play(chosen, *sights("broken", "settled"))
    assert untouched.state is RolloutState.FAILED


@given(st.sampled_from([StageState.OBSERVED, StageState.EXTENDED]), st.sampled_from(Verdict))
def test_only_a_pass_passes(now: StageState, verdict: Verdict) -> None:
    reached = concluded(now, verdict)
    assert (reached is StageState.PASSED) == (verdict is Verdict.PASS)
    assert reached in FOLLOWERS[now]
