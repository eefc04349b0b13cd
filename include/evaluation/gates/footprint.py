"""Quick and small enough to be served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.gates import limits
from include.spec.gates import GateKind
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evaluation.report import EvaluationReport, GateResult
    from include.spec.gates import Gate


def judge(gate: Gate, report: EvaluationReport) -> GateResult:
    """Return the verdict of latency (the slower end of its quartiles) or size, both exact."""
    found = report.footprint
    if found is None:
        return limits.result(gate, Verdict.NO_DATA, "the model was not timed or weighed")
    if gate.at_most is None:
        return limits.result(gate, Verdict.ERROR, "the gate names no limit")
    if gate.kind is GateKind.SIZE:
        verdict = limits.at_most(found.megabytes, found.megabytes, gate.at_most)
        message = f"{found.megabytes:.3g} MB, required at most {gate.at_most:g}"
        return limits.result(gate, verdict, message)
    verdict = limits.at_most(found.milliseconds, found.milliseconds_upper, gate.at_most)
    measured = f"median {found.milliseconds:.3g} ms, upper quartile {found.milliseconds_upper:.3g}"
    message = f"one prediction: {measured}, required at most {gate.at_most:g} ms"
    return limits.result(gate, verdict, message)
