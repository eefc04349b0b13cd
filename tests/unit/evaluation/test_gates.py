"""Gates pass only on evidence."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evaluation.fairness.report import Rules
from include.evaluation.fairness.report import report as fairness_report
from include.evaluation.gates import absolute
from include.evaluation.gates.judging import judge_all
from include.evaluation.leaks.records import Leak, LeakReport
from include.evaluation.records import Calibration, Comparison, Difference, Footprint
from include.evaluation.report import Estimate, EvaluationReport, Window
from include.spec.gates import Gate, GateKind
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


def report_of(*made, **parts):
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
        used_before=0,
        **parts,
    )


def judge(rule, measured):
    return absolute.judge(rule, report_of(*([measured] if measured else [])))


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
        limit = gate(at_least=math.nan)
        assert judge(limit, estimate(0, 1, 2)).verdict is Verdict.ERROR


class TestReport:
    def report(self, toy, *made):
        return report_of(*made)

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


def fair(*groups):
    """Return a fairness report of (group, selected, rows) of the attribute `sex`."""
    names = [name for name, _, rows in groups for _ in range(rows)]
    chosen = [place < selected for _, selected, rows in groups for place in range(rows)]
    frame = pd.DataFrame({"sex": names}, dtype="object")
    return fairness_report(frame, np.ones(len(names), bool), np.array(chosen), Rules(0.95, 30))


def gain(lower, upper):
    middle = (lower + upper) / 2
    one = Difference(
        metric="auc", candidate=0.8 + middle, champion=0.8, gain=middle, lower=lower, upper=upper
    )
    return Comparison(version="1.0.0", rows=100, differences=(one,))


def said(report, **rule):
    (found,) = judge_all(SimpleNamespace(gates=(Gate(name="rule", **rule),)), report).results
    return found


class TestKinds:
    @pytest.mark.parametrize(
        ("groups", "verdict"),
        [
            ((("f", 90, 100), ("m", 92, 100)), Verdict.PASS),
            ((("f", 40, 100), ("m", 92, 100)), Verdict.FAIL),
            ((("f", 29, 35), ("m", 92, 100)), Verdict.INCONCLUSIVE),
            ((("f", 9, 9), ("m", 92, 100)), Verdict.INCONCLUSIVE),
            ((("f", 0, 100), ("m", 92, 100)), Verdict.FAIL),
            ((("m", 92, 100),), Verdict.NO_DATA),
            ((("m", 92, 100), (None, 2, 100)), Verdict.NO_DATA),
        ],
    )
    def test_fairness(self, groups, verdict):
        report = report_of(fairness=fair(*groups))
        found = said(report, kind="fairness", attribute="sex", at_least=0.8)
        assert found.verdict is verdict, found.message
        assert found.metric == "selection_rate by sex"

    def test_one_group_that_fails_fails_them_all(self):
        report = report_of(fairness=fair(("a", 95, 100), ("b", 90, 100), ("c", 30, 100)))
        found = said(report, kind="fairness", attribute="sex", at_least=0.8)
        assert found.verdict is Verdict.FAIL
        assert "group c" in found.message
        assert "group b" not in found.message

    @pytest.mark.parametrize(
        ("lower", "upper", "verdict"),
        [
            (-0.01, 0.03, Verdict.PASS),
            (-0.03, 0.03, Verdict.INCONCLUSIVE),
            (-0.09, -0.03, Verdict.FAIL),
        ],
    )
    def test_champion(self, lower, upper, verdict):
        report = report_of(comparison=gain(lower, upper))
        found = said(report, kind="champion", metric="auc", margin=0.02)
        assert found.verdict is verdict

    def test_nothing_live_is_nothing_to_be_worse_than(self):
        nobody = Comparison(version="", rows=100, differences=())
        found = said(report_of(comparison=nobody), kind="champion", metric="auc", margin=0.02)
        assert found.verdict is Verdict.PASS
        assert "does not apply" in found.message

    @pytest.mark.parametrize(
        ("upper", "verdict"),
        [(0.04, Verdict.PASS), (0.06, Verdict.INCONCLUSIVE)],
    )
    def test_calibration(self, upper, verdict):
        found = Calibration(
            bins=(), error=0.03, error_lower=0.02, error_upper=upper, slope=1,
            slope_lower=0.9, slope_upper=1.1, level=0,
        )  # fmt: skip
        made = said(report_of(calibration=found), kind="calibration", at_most=0.05)
        assert made.verdict is verdict

    def test_latency_and_size(self):
        found = Footprint(milliseconds=2.0, milliseconds_upper=5.0, calls=40, megabytes=3.0)
        report = report_of(footprint=found)
        assert said(report, kind="latency", at_most=5).verdict is Verdict.PASS
        assert said(report, kind="latency", at_most=4).verdict is Verdict.INCONCLUSIVE
        assert said(report, kind="latency", at_most=1).verdict is Verdict.FAIL
        assert said(report, kind="size", at_most=3).verdict is Verdict.PASS
        assert said(report, kind="size", at_most=2).verdict is Verdict.FAIL

    def test_a_leak_is_named(self):
        leak = Leak(kind="target_copy", columns=("x",), words="x alone tells it", strength=1.0)
        leaking = LeakReport(rows=10, features=("x", "y"), leaks=(leak,))
        found = said(report_of(leaks=leaking), kind="leak")
        assert (found.verdict, found.message) == (Verdict.FAIL, "target_copy: x alone tells it")
        clean = LeakReport(rows=10, features=("x", "y"), leaks=())
        assert said(report_of(leaks=clean), kind="leak").verdict is Verdict.PASS

    @pytest.mark.parametrize("kind", [k for k in GateKind if k is not GateKind.ABSOLUTE])
    def test_what_was_not_measured_does_not_pass(self, kind):
        rule = {"metric": "auc", "attribute": "sex", "margin": 0.1, "at_least": 1, "at_most": 1}
        assert said(report_of(), kind=kind, **rule).verdict is Verdict.NO_DATA
