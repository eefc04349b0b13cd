"""A metric against a limit that stands by itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from include.evaluation.gates import limits
from include.verdict import Verdict, worst

if TYPE_CHECKING:
    from include.evaluation.report import Estimate, EvaluationReport, GateResult
    from include.spec.gates import Gate


def judge(gate: Gate, report: EvaluationReport) -> GateResult:
    """Return ``no_data`` for a metric that was not measured, ``error`` for a gate without limit."""
    estimate = report.estimate(gate.metric or "")
    if estimate is None:
        return limits.result(gate, Verdict.NO_DATA, f"{gate.metric} was not measured")
    ends = (estimate.lower, estimate.value, estimate.upper)
    if any(math.isnan(end) for end in ends) or estimate.lower > estimate.upper:
        message = f"{gate.metric} is not a number with an interval"
        return limits.result(gate, Verdict.ERROR, message)
    verdicts = []
    if gate.at_least is not None:
        verdicts.append(limits.at_least(estimate.lower, estimate.upper, gate.at_least))
    if gate.at_most is not None:
        verdicts.append(limits.at_most(estimate.lower, estimate.upper, gate.at_most))
    if not verdicts:
        return limits.result(gate, Verdict.ERROR, "the gate names no limit")
    return limits.result(gate, worst(verdicts), _sentence(gate, estimate))


def _sentence(gate: Gate, estimate: Estimate) -> str:
    required = []
    if gate.at_least is not None:
        required.append(f"at least {gate.at_least:g}")
    if gate.at_most is not None:
        required.append(f"at most {gate.at_most:g}")
    measured = f"{estimate.value:.4g} [{estimate.lower:.4g}, {estimate.upper:.4g}]"
    return f"{gate.metric} is {measured}, required {' and '.join(required)}"
