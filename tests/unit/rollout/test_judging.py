"""What the evidence says of a stage."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.messages.plans import ReleasePlan, StageSeen
from include.evidence.tally import Evidence, Losses, Moments, Tally
from include.rollout.judging import Versions, judge
from include.rollout.signals import alarms
from include.spec.release import QualityLimits, Signals
from include.verdict import Verdict
from tests.support import plans
from tests.support.evidence import CANDIDATE, STABLE, Arm, canary, timed

VERSIONS = Versions(STABLE, CANDIDATE)
PLAN = plans.plan("canary", 5, 50, 100, shadow=True)
SHADOW, FIVE, FIFTY, ALL = range(4)
HEALTHY = Arm(1900, 19, slow=19)
QUALITY = QualityLimits(loss="error", margin=0.1)


def with_quality(limits: QualityLimits = QUALITY) -> ReleasePlan:
    return PLAN.model_copy(update={"signals": Signals(quality=limits)})


def look(evidence: Evidence, index: int = FIVE, plan: ReleasePlan = PLAN) -> StageSeen:
    return judge(plan, index, VERSIONS, evidence)


def signal(seen: StageSeen, name: str):
    return next(one for one in seen.signals if one.name == name)


def test_a_harmless_candidate_passes() -> None:
    seen = look(canary(Arm(100, 1, slow=2), HEALTHY))
    assert seen.verdict is Verdict.PASS
    assert seen.words == "no harm in 100 requests and 60 s"
    assert (seen.candidate_requests, seen.stable_requests) == (100, 1900)
    assert seen.observed_percent == 5
    assert [one.name for one in seen.signals] == ["split", "errors", "latency", "distribution"]
    assert signal(seen, "latency").words == (
        "no harm seen: 2 of 99 answers took over 250 ms (2.0 %), stable 1.0 %; at most 5.0 %"
    )


@pytest.mark.parametrize("index", [SHADOW, FIVE, FIFTY, ALL])
@pytest.mark.parametrize("stable", [Arm(), HEALTHY])
def test_no_evidence_never_passes_and_is_no_harm(index: int, stable: Arm) -> None:
    bare = look(Evidence("toy", 3, 1e6), index)
    assert bare.verdict is Verdict.NO_DATA
    assert bare.words == "no request has reached the candidate yet"
    with_stable = look(canary(Arm(), stable), index)
    assert with_stable.verdict in {Verdict.NO_DATA, Verdict.ERROR}


@pytest.mark.parametrize(
    ("evidence", "name"),
    [
        (canary(Arm(60, 12), Arm(1140, 1)), "errors"),
        (canary(Arm(6, 6), Arm(114)), "errors"),
        (canary(Arm(100, slow=40), HEALTHY), "latency"),
        (canary(Arm(1000, at=40), Arm(19_000)), "distribution"),
    ],
)
def test_harm_fails_at_once_and_says_where(evidence: Evidence, name: str) -> None:
    seen = look(evidence)
    assert seen.verdict is Verdict.FAIL
    assert seen.words.startswith(f"{name}: harm")
    assert signal(seen, name).verdict is Verdict.FAIL


def test_errors_that_stable_has_too_are_above_the_limit_all_the_same() -> None:
    seen = look(canary(Arm(400, 40), Arm(400, 40)), FIFTY)
    assert seen.verdict is Verdict.FAIL
    assert "stable 10.0 %; at most 2.0 %" in seen.words


def test_slower_than_stable_is_harm_below_the_absolute_limit() -> None:
    limits = PLAN.signals.latency.model_copy(update={"max_share": 0.5})
    plan = PLAN.model_copy(update={"signals": Signals(latency=limits)})
    assert look(canary(Arm(400, slow=100), Arm(400)), FIFTY, plan).verdict is Verdict.FAIL
    assert look(canary(Arm(400, slow=16), Arm(400)), FIFTY, plan).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (canary(Arm(10), Arm(190)), "errors: no harm seen, 10 of 20: 0 of 10 requests failed"),
        (canary(Arm(100, 3), HEALTHY), "errors: above 2.0 %, but harm is not proven: 3 of 100"),
        (canary(Arm(100, slow=7), HEALTHY), "latency: above 5.0 %"),
        (canary(Arm(25, at=40), Arm(475)), "distribution: far, but harm is not proven"),
        (canary(Arm(25), Arm()), "distribution: no predictions of stable yet"),
    ],
)
def test_too_little_is_inconclusive_and_says_what_is_awaited(
    evidence: Evidence, words: str
) -> None:
    seen = look(evidence)
    assert seen.verdict is Verdict.INCONCLUSIVE
    assert words in seen.words


def test_a_stage_is_watched_for_its_shortest_time() -> None:
    stages = tuple(one.model_copy(update={"min_seconds": 30}) for one in PLAN.stages)
    plan = PLAN.model_copy(update={"stages": stages})
    early = look(canary(Arm(100), HEALTHY, seconds=12), FIVE, plan)
    assert (early.verdict, early.words) == (Verdict.INCONCLUSIVE, "watched 12 of 30 s")
    assert look(canary(Arm(100), HEALTHY, seconds=30), FIVE, plan).verdict is Verdict.PASS


def test_with_all_traffic_limits_are_absolute_and_it_says_so() -> None:
    seen = look(canary(Arm(100, 1)), ALL)
    assert seen.verdict is Verdict.PASS
    assert seen.words.endswith("; nothing stands beside it, so the limits are absolute")
    assert [one.name for one in seen.signals] == ["split", "errors", "latency"]
    assert look(canary(Arm(100, 20)), ALL).verdict is Verdict.FAIL


def test_a_first_release_has_nothing_beside_it() -> None:
    plan = plans.plan("first")
    passed = judge(plan, 0, Versions("", CANDIDATE), canary(Arm(100)))
    assert passed.verdict is Verdict.PASS
    failed = judge(plan, 0, Versions("", CANDIDATE), canary(Arm(60, 12)))
    assert failed.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("evidence", "index", "words"),
    [
        (canary(Arm(), Arm(1000)), FIVE, "split: the split is another one: 0.0 %"),
        (canary(Arm(500), Arm(500)), FIVE, "wanted 5 %"),
        (canary(Arm(90), Arm(10)), ALL, "wanted 100 %"),
        (canary(Arm(100, 101), HEALTHY), FIVE, "broken: 2.0.0: 101 errors of 100 requests"),
        (canary(Arm(-5), HEALTHY), FIVE, "broken"),
        (canary(Arm(100), HEALTHY, seconds=nan), FIVE, "broken: the phase was watched"),
        (canary(Arm(100), HEALTHY), SHADOW, "the shadow 2.0.0 answered 100 callers"),
    ],
)
def test_a_broken_measurement_is_an_error_and_no_harm(
    evidence: Evidence, index: int, words: str
) -> None:
    seen = look(evidence, index)
    assert seen.verdict is Verdict.ERROR
    assert words in seen.words
    assert StageSeen.model_validate_json(seen.model_dump_json()) == seen


def test_units_make_the_split_coarser() -> None:
    evidence = canary(Arm(90), Arm(910))
    assert look(evidence).verdict is Verdict.ERROR
    told = replace(evidence, tallies=tuple(replace(one, units=True) for one in evidence.tallies))
    assert look(told).verdict is Verdict.PASS
    assert "coarser" in signal(look(told), "split").words


def labelled(wrong: int, labels: int = 1000) -> Evidence:
    requests = 2 * labels
    return canary(Arm(requests, labels=labels, wrong=wrong), Arm(requests, 0, 0, labels, 120), 60)


@pytest.mark.parametrize(
    ("evidence", "verdict", "words"),
    [
        (labelled(120), Verdict.PASS, "no worse than the margin: at most +0.0"),
        (labelled(500), Verdict.FAIL, "harm: at least +0."),
        (labelled(200), Verdict.INCONCLUSIVE, "not decided: between"),
        (labelled(20, 60), Verdict.INCONCLUSIVE, "60 and 60 of 100 labels"),
        (canary(Arm(1000), Arm(1000)), Verdict.NO_DATA, "no labels yet, 100 needed"),
    ],
)
def test_quality_is_bounded_on_both_sides(evidence: Evidence, verdict: Verdict, words: str) -> None:
    if "60 and 60" in words:
        stable = evidence.tallies[0]
        fewer = replace(stable, losses=Losses(error=Moments(60, 8, 8)))
        evidence = replace(evidence, tallies=(fewer, evidence.tallies[1]))
    seen = look(evidence, FIFTY, with_quality())
    quality = signal(seen, "quality")
    assert quality.verdict is verdict
    assert words in quality.words
    no_data = verdict is Verdict.NO_DATA
    assert seen.verdict is (Verdict.INCONCLUSIVE if no_data else verdict)
    assert (quality.lower is None) == (quality.upper is None)


def test_quality_that_is_not_required_only_fails() -> None:
    plan = with_quality(QUALITY.model_copy(update={"required": False}))
    assert look(canary(Arm(1000), Arm(1000)), FIFTY, plan).verdict is Verdict.PASS
    assert look(labelled(200), FIFTY, plan).verdict is Verdict.PASS
    assert look(labelled(500), FIFTY, plan).verdict is Verdict.FAIL


def test_labels_that_miss_the_candidate_are_an_error() -> None:
    evidence = canary(Arm(1000, labels=100, wrong=5), Arm(1000, labels=1000, wrong=120))
    seen = look(evidence, FIFTY, with_quality())
    assert seen.verdict is Verdict.ERROR
    assert "labels do not arrive equally: 100 for 1000 predictions" in seen.words
    relaxed = with_quality(QUALITY.model_copy(update={"required": False}))
    assert look(evidence, FIFTY, relaxed).verdict is Verdict.PASS


def test_losses_that_do_not_vary_prove_nothing() -> None:
    same = Losses(squared=Moments(200, 0.0, 0.0))
    evidence = canary(Arm(1000), Arm(1000))
    told = replace(evidence, tallies=tuple(replace(t, losses=same) for t in evidence.tallies))
    plan = with_quality(QualityLimits(loss="squared", margin=0.1))
    assert "do not vary" in signal(look(told, FIFTY, plan), "quality").words
    assert look(told, FIFTY, plan).verdict is Verdict.INCONCLUSIVE


def test_all_alarms_together_stay_in_the_budget() -> None:
    plan = with_quality()
    tests = [alarms.harm_tests(plan, stage) for stage in plan.stages]
    assert tests == [7, 6, 6, 2]
    assert alarms.level(plan) * alarms.WATCHES * sum(tests) == pytest.approx(plan.false_alarms)
    assert alarms.level(plans.plan("first")) == pytest.approx(0.01 / 4)
    assert alarms.harm_tests(PLAN, PLAN.stages[SHADOW]) == 6


ORDER = [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]
counted = st.builds(
    lambda n, e, s: Arm(n, min(e, n), slow=min(s, n - min(e, n))),
    st.integers(0, 400),
    st.integers(0, 60),
    st.integers(0, 60),
)


@given(candidate=counted, stable=counted, index=st.sampled_from([FIFTY, ALL]))
def test_more_errors_never_make_it_better(candidate: Arm, stable: Arm, index: int) -> None:
    if candidate.slow >= candidate.answers:
        return
    now = look(canary(candidate, stable), index)
    worse = look(canary(replace(candidate, errors=candidate.errors + 1), stable), index)
    before, after = signal(now, "errors"), signal(worse, "errors")
    if Verdict.NO_DATA not in {before.verdict, after.verdict}:
        assert ORDER.index(after.verdict) >= ORDER.index(before.verdict)
    if now.verdict is Verdict.FAIL and signal(now, "errors").verdict is Verdict.FAIL:
        assert worse.verdict is Verdict.FAIL


def changed(rows: list[tuple[int, int, int]]) -> tuple[Tally, ...]:
    names = [STABLE, CANDIDATE, "9.9.9"]
    told = zip(names, rows, strict=False)
    return tuple(Tally("x", name, n, e, latency=timed(s, s)) for name, (n, e, s) in told)


@given(
    rows=st.lists(st.tuples(*[st.integers(-2, 300)] * 3), max_size=3),
    index=st.sampled_from([SHADOW, FIVE, FIFTY, ALL]),
    seconds=st.floats(),
)
def test_any_counts_have_a_verdict_that_can_be_kept(
    rows: list[tuple[int, int, int]], index: int, seconds: float
) -> None:
    seen = look(Evidence("toy", 3, seconds, changed(rows)), index)
    assert StageSeen.model_validate_json(seen.model_dump_json()) == seen
    assert seen.words
    candidate = rows[1][0] if len(rows) > 1 else 0
    if candidate < PLAN.stages[index].min_requests:
        assert seen.verdict is not Verdict.PASS
