"""Probabilities that mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.gates import limits
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evaluation.report import EvaluationReport, GateResult
    from include.spec.gates import Gate


def judge(gate: Gate, report: EvaluationReport) -> GateResult:
    """Return the verdict of the expected calibration error against ``at_most``."""
    found = report.calibration
    if found is None:
        return limits.result(gate, Verdict.NO_DATA, "calibration was not measured")
    if gate.at_most is None:
        return limits.result(gate, Verdict.ERROR, "the gate names no limit")
    verdict = limits.at_most(found.error_lower, found.error_upper, gate.at_most)
    measured = f"{found.error:.4g} [{found.error_lower:.4g}, {found.error_upper:.4g}]"
    message = f"expected calibration error {measured}, required at most {gate.at_most:g}"
    return limits.result(gate, verdict, message)
