"""No feature knows the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.gates import limits
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.evaluation.report import EvaluationReport, GateResult
    from include.spec.gates import Gate


def judge(gate: Gate, report: EvaluationReport) -> GateResult:
    """Return ``fail`` with every leak by name, or ``pass`` with what was looked at."""
    found = report.leaks
    if found is None:
        return limits.result(gate, Verdict.NO_DATA, "nobody looked for leaks")
    if found.leaks:
        told = "; ".join(f"{one.kind.value}: {one.words}" for one in found.leaks)
        return limits.result(gate, Verdict.FAIL, told)
    message = f"none in {len(found.features)} features over {found.rows} training rows"
    return limits.result(gate, Verdict.PASS, message)
