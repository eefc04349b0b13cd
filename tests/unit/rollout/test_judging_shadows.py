"""What a shadow shows: the same requests, answered by both."""

from __future__ import annotations

import pytest

from include.evidence.tally import Losses, Moments, Pairing
from include.spec.release import AgreementLimits, Signals
from include.verdict import Verdict
from tests.support import plans
from tests.support.evidence import Arm, pairing, shadow, timed
from tests.unit.rollout.test_judging import look, signal, with_quality

PLAN = plans.plan("canary", 5, 50, 100, shadow=True)
SHADOW, FIVE, FIFTY, ALL = range(4)


def test_a_harmless_shadow_passes() -> None:
    seen = look(shadow(pairing(300, 1, 30), Arm(300)), SHADOW)
    assert seen.verdict is Verdict.PASS
    assert seen.candidate_requests == 300
    assert seen.observed_percent == 100
    assert signal(seen, "agreement").words == (
        "no harm seen: 30 of 299 pairs disagree (10.0 %); at most 25.0 %"
    )


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (pairing(100, 20), "errors"),
        (pairing(300, 0, 200), "agreement"),
        (pairing(300, latency=timed(200, 100)), "latency"),
        (pairing(2000, outputs=((90, 2000),)), "distribution"),
    ],
)
def test_a_harmful_shadow_fails(told: Pairing, name: str) -> None:
    seen = look(shadow(told, Arm(3000)), SHADOW)
    assert seen.verdict is Verdict.FAIL
    assert seen.words.startswith(f"{name}: harm")


def test_errors_of_the_shadow_are_compared_with_those_that_callers_saw() -> None:
    limits = PLAN.signals.errors.model_copy(update={"max_share": 0.5})
    plan = PLAN.model_copy(update={"signals": Signals(errors=limits)})
    assert look(shadow(pairing(200, 30), Arm(200)), SHADOW, plan).verdict is Verdict.FAIL
    both = pairing(200, 30, visible_errors=30)
    assert look(shadow(both, Arm(230, 30)), SHADOW, plan).verdict is Verdict.PASS


def test_numbers_disagree_beyond_their_tolerance() -> None:
    signals = Signals(agreement=AgreementLimits(tolerance=0.2))
    plan = PLAN.model_copy(update={"signals": signals, "task": "regression"})
    near, far = ((0, 300, *[0] * 18), (0, 0, 0, 0, 300, *[0] * 15))
    assert look(shadow(pairing(300, gaps=near), Arm(300)), SHADOW, plan).verdict is Verdict.PASS
    assert look(shadow(pairing(300, gaps=far), Arm(300)), SHADOW, plan).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("wrong", "verdict"), [(0, Verdict.PASS), (200, Verdict.FAIL), (90, Verdict.INCONCLUSIVE)]
)
def test_labelled_pairs_are_compared(wrong: int, verdict: Verdict) -> None:
    differences = Losses(error=Moments(600, wrong, wrong + 40))
    told = pairing(1000, differences=differences)
    assert look(shadow(told, Arm(1000)), SHADOW, with_quality()).verdict is verdict


def test_a_shadow_that_misses_much_does_not_pass() -> None:
    seen = look(shadow(pairing(300, dropped=200), Arm(500)), SHADOW)
    assert seen.verdict is Verdict.INCONCLUSIVE
    assert "too busy: it missed 40.0 %" in seen.words
    assert seen.observed_percent == 60
