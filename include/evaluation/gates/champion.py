"""Not worse than what is live, on the same rows, by more than a margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.gates import limits
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evaluation.report import EvaluationReport, GateResult
    from include.spec.gates import Gate


def judge(gate: Gate, report: EvaluationReport) -> GateResult:
    """Return the verdict of non-inferiority: the whole paired interval above minus the margin.

    While nothing is live there is nothing to be worse than, and the gate does not apply.
    """
    comparison = report.comparison
    if comparison is None:
        return limits.result(gate, Verdict.NO_DATA, "nobody looked for a live version")
    if not comparison.version:
        return limits.result(gate, Verdict.PASS, "nothing is live: the gate does not apply")
    found = comparison.of(gate.metric or "")
    if found is None:
        message = f"{gate.metric} was not measured on both versions"
        return limits.result(gate, Verdict.NO_DATA, message)
    if gate.margin is None:
        return limits.result(gate, Verdict.ERROR, "the gate names no margin")
    verdict = limits.at_least(found.lower, found.upper, -gate.margin)
    message = (
        f"{gate.metric} {found.candidate:.4g} beside {found.champion:.4g} of {comparison.version}: "
        f"gain {found.gain:+.4g} [{found.lower:+.4g}, {found.upper:+.4g}], "
        f"required at least {-gate.margin:g}"
    )
    return limits.result(gate, verdict, message)
