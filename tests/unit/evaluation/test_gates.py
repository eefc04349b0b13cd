"""Gates pass only on evidence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evaluation.gates import judge, judge_all
from include.evaluation.report import Estimate, EvaluationReport, Window
from include.spec.model import Gate
from include.verdict import Verdict

pytestmark = pytest.mark.steps

NUMBERS = st.floats(-1e6, 1e6)
ANYTHING = st.floats(allow_nan=True, allow_infinity=True)
RANK = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 2}


def estimate(lower, value, upper, name="auc"):
    return Estimate(
        name=name,
        value=value,
        lower=lower,
        upper=upper,
        samples=10,
        is_higher_better=True,
        baseline=None,
        gain=None,
        gain_lower=None,
        gain_upper=None,
    )


def gate(**limits):
    return Gate(name="rule", metric="auc", **limits)


@st.composite
def estimates(draw):
    return estimate(*sorted([draw(NUMBERS), draw(NUMBERS), draw(NUMBERS)]))


class TestJudge:
    @pytest.mark.parametrize(
        ("lower", "upper", "verdict"),
        [
            (0.70, 0.80, Verdict.PASS),
            (0.60, 0.80, Verdict.PASS),
            (0.59, 0.80, Verdict.INCONCLUSIVE),
            (0.50, 0.60, Verdict.INCONCLUSIVE),
            (0.50, 0.59, Verdict.FAIL),
        ],
    )
    def test_at_least(self, lower, upper, verdict):
        middle = (lower + upper) / 2
        assert judge(gate(at_least=0.6), estimate(lower, middle, upper)).verdict is verdict

    @pytest.mark.parametrize(
        ("lower", "upper", "verdict"),
        [
            (0.1, 0.2, Verdict.PASS),
            (0.1, 0.3, Verdict.INCONCLUSIVE),
            (0.21, 0.3, Verdict.FAIL),
        ],
    )
    def test_at_most(self, lower, upper, verdict):
        middle = (lower + upper) / 2
        assert judge(gate(at_most=0.2), estimate(lower, middle, upper)).verdict is verdict

    def test_missing_metric_is_no_data(self):
        assert judge(gate(at_least=0.6), None).verdict is Verdict.NO_DATA

    def test_gate_without_a_limit_is_an_error(self):
        assert judge(gate(), estimate(0, 0, 0)).verdict is Verdict.ERROR

    @given(estimates(), NUMBERS)
    def test_pass_means_that_the_whole_interval_is_beyond_the_limit(self, measured, limit):
        passed = judge(gate(at_least=limit), measured).verdict is Verdict.PASS
        assert passed == (measured.lower >= limit)

    @given(estimates(), NUMBERS, NUMBERS)
    def test_a_stricter_limit_is_never_kinder(self, measured, one, other):
        low, high = sorted([one, other])
        easy, hard = (judge(gate(at_least=x), measured).verdict for x in (low, high))
        assert RANK[hard] <= RANK[easy]
        easy, hard = (judge(gate(at_most=x), measured).verdict for x in (high, low))
        assert RANK[hard] <= RANK[easy]

    @given(estimates(), NUMBERS, NUMBERS)
    def test_two_limits_are_as_strict_as_the_stricter(self, measured, low, high):
        both = judge(gate(at_least=low, at_most=high), measured).verdict
        each = (judge(gate(at_least=low), measured), judge(gate(at_most=high), measured))
        assert RANK[both] == min(RANK[result.verdict] for result in each)

    @given(ANYTHING, ANYTHING, ANYTHING, NUMBERS)
    def test_what_is_not_a_number_never_passes_and_never_fails(self, lower, value, upper, limit):
        measured = estimate(lower, value, upper)
        verdict = judge(gate(at_least=limit), measured).verdict
        if any(math.isnan(end) for end in (lower, value, upper)) or lower > upper:
            assert verdict is Verdict.ERROR

    def test_nan_limit_is_an_error(self):
        limit = Gate.model_construct(name="rule", metric="auc", at_least=math.nan, at_most=None)
        assert judge(limit, estimate(0, 1, 2)).verdict is Verdict.ERROR


class TestReport:
    def report(self, toy, *made):
        window = Window(rows=1, kind="hash", first="", last="", digest="")
        return EvaluationReport(
            model="toy",
            model_digest="",
            dataset_digest="",
            window=window,
            level=0.95,
            resamples=100,
            estimates=made,
            undefined=(),
            selection=(),
            used_before=0,
        )

    def spec(self, toy, *limits):
        gates = [
            {"name": f"gate_{n}", "metric": m, "at_least": x} for n, (m, x) in enumerate(limits)
        ]
        return toy.spec(gates=gates)

    def test_the_worst_verdict_counts(self, toy):
        made = estimate(0.5, 0.6, 0.7)
        spec = self.spec(toy, ("auc", 0.4), ("auc", 0.6))
        assert judge_all(spec, self.report(toy, made)).overall is Verdict.INCONCLUSIVE

    def test_unmeasured_metric_keeps_it_from_passing(self, toy):
        made = estimate(0.5, 0.6, 0.7)
        spec = self.spec(toy, ("auc", 0.4), ("brier", 0.1))
        assert judge_all(spec, self.report(toy, made)).overall is Verdict.NO_DATA

    def test_no_gate_at_all_is_no_pass(self, toy):
        assert judge_all(self.spec(toy), self.report(toy)).overall is Verdict.NO_DATA

    def test_message_holds_the_numbers(self, toy):
        result = judge_all(self.spec(toy, ("auc", 0.4)), self.report(toy, estimate(0.5, 0.6, 0.7)))
        assert result.results[0].message == "auc is 0.6 [0.5, 0.7], required at least 0.4"
