"""Gates: declared limits against what was measured. Pure; nothing is measured here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from include.evaluation.report import GateReport, GateResult
from include.verdict import Verdict, worst

if TYPE_CHECKING:
    from include.evaluation.report import Estimate, EvaluationReport
    from include.spec.model import Gate, Spec


def judge(gate: Gate, estimate: Estimate | None) -> GateResult:
    """Return what a gate says of a metric with its interval.

    The whole interval on the right side of the limit is ``pass``, the whole interval on the wrong
    side ``fail``, anything between ``inconclusive``. No such metric is ``no_data``; a number that
    is none (NaN), an interval upside down, or a gate without a limit is ``error``.
    """
    if estimate is None:
        return _result(gate, Verdict.NO_DATA, f"{gate.metric} was not measured")
    ends = (estimate.lower, estimate.value, estimate.upper)
    if any(math.isnan(end) for end in ends) or estimate.lower > estimate.upper:
        return _result(gate, Verdict.ERROR, f"{gate.metric} is not a number with an interval")
    verdicts = []
    if gate.at_least is not None:
        verdicts.append(_compare(estimate.lower, estimate.upper, gate.at_least))
    if gate.at_most is not None:
        verdicts.append(_compare(-estimate.upper, -estimate.lower, -gate.at_most))
    if not verdicts:
        return _result(gate, Verdict.ERROR, "the gate names no limit")
    return _result(gate, worst(verdicts), _sentence(gate, estimate))


def judge_all(spec: Spec, report: EvaluationReport) -> GateReport:
    """Return what every gate of the spec says; the overall verdict is the worst of them."""
    results = tuple(judge(gate, report.estimate(gate.metric)) for gate in spec.gates)
    return GateReport(overall=worst(result.verdict for result in results), results=results)


def _compare(lower: float, upper: float, limit: float) -> Verdict:
    if math.isnan(limit):
        return Verdict.ERROR
    if lower >= limit:
        return Verdict.PASS
    return Verdict.FAIL if upper < limit else Verdict.INCONCLUSIVE


def _result(gate: Gate, verdict: Verdict, message: str) -> GateResult:
    return GateResult(name=gate.name, metric=gate.metric, verdict=verdict, message=message)


def _sentence(gate: Gate, estimate: Estimate) -> str:
    limits = []
    if gate.at_least is not None:
        limits.append(f"at least {gate.at_least:g}")
    if gate.at_most is not None:
        limits.append(f"at most {gate.at_most:g}")
    measured = f"{estimate.value:.4g} [{estimate.lower:.4g}, {estimate.upper:.4g}]"
    return f"{gate.metric} is {measured}, required {' and '.join(limits)}"
