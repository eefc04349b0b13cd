"""The verdicts of all gates of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evaluation.gates import absolute, calibration, champion, fairness, footprint, leak
from include.evaluation.report import GateReport
from include.spec.gates import GateKind
from include.verdict import worst

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.evaluation.report import EvaluationReport, GateResult
    from include.spec.gates import Gate
    from include.spec.model import Spec

JUDGES: dict[GateKind, Callable[[Gate, EvaluationReport], GateResult]] = {
    GateKind.ABSOLUTE: absolute.judge,
    GateKind.CHAMPION: champion.judge,
    GateKind.FAIRNESS: fairness.judge,
    GateKind.CALIBRATION: calibration.judge,
    GateKind.LATENCY: footprint.judge,
    GateKind.SIZE: footprint.judge,
    GateKind.LEAK: leak.judge,
}


def judge_all(spec: Spec, report: EvaluationReport) -> GateReport:
    """Return what every gate of the spec says; the overall verdict is the worst of them."""
    results = tuple(JUDGES[gate.kind](gate, report) for gate in spec.gates)
    return GateReport(overall=worst(result.verdict for result in results), results=results)
