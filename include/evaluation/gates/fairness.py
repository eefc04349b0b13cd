"""No group's rate too far below the highest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.fairness.records import Measure
from include.evaluation.gates import limits
from include.verdict import Verdict, worst

if TYPE_CHECKING:
    from include.evaluation.fairness.records import Disparity, FairnessReport
    from include.evaluation.report import EvaluationReport, GateResult
    from include.spec.gates import Gate


def judge(gate: Gate, report: EvaluationReport) -> GateResult:
    """Return the worst verdict over the known groups of an attribute.

    A known group under the minimum denominator is ``inconclusive``: too little is not fair. Rows of
    unknown group are counted in the report and not judged.
    """
    if report.fairness is None:
        return limits.result(gate, Verdict.NO_DATA, "groups were not counted")
    if gate.at_least is None:
        return limits.result(gate, Verdict.ERROR, "the gate names no limit")
    judged = _known(report.fairness, gate)
    if not judged:
        message = f"{gate.attribute} has fewer than two groups in the window"
        return limits.result(gate, Verdict.NO_DATA, message)
    told = [(compared(one, gate.at_least), one) for one in judged]
    verdict = worst(one for one, _ in told)
    words = "; ".join(_words(one) for found, one in told if found is verdict)
    return limits.result(gate, verdict, f"{words}; required at least {gate.at_least:g}")


def _known(report: FairnessReport, gate: Gate) -> tuple[Disparity, ...]:
    unknown = {
        group.name
        for group in report.groups
        if group.attribute == gate.attribute and group.is_unknown
    }
    found = report.of(gate.attribute or "", Measure(gate.measure))
    return tuple(one for one in found if one.group not in unknown)


def compared(one: Disparity, limit: float) -> Verdict:
    """Return the verdict of one group's ratio: ``inconclusive`` where there is too little of it."""
    if one.verdict is not Verdict.PASS or one.ratio is None:
        return Verdict.INCONCLUSIVE
    if one.ratio_lower is None or one.ratio_upper is None:
        # Nobody of the group was selected: the ratio is 0 and has no interval of this kind.
        return Verdict.FAIL
    return limits.at_least(one.ratio_lower, one.ratio_upper, limit)


def _words(one: Disparity) -> str:
    ends = ""
    if one.ratio_lower is not None and one.ratio_upper is not None:
        ends = f" [{one.ratio_lower:.3f}, {one.ratio_upper:.3f}]"
    return f"group {one.group} beside {one.reference}: {one.words}{ends}"
