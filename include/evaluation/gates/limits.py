"""An interval against a limit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from include.evaluation.report import GateResult
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.spec.gates import Gate


def at_least(lower: float, upper: float, limit: float) -> Verdict:
    """Return ``pass`` for a whole interval at or above the limit, ``fail`` for one below it.

    Anything between is ``inconclusive``; a number that is none, or an interval upside down, is
    ``error``.
    """
    if any(math.isnan(number) for number in (lower, upper, limit)) or lower > upper:
        return Verdict.ERROR
    if lower >= limit:
        return Verdict.PASS
    return Verdict.FAIL if upper < limit else Verdict.INCONCLUSIVE


def at_most(lower: float, upper: float, limit: float) -> Verdict:
    """Return the verdict of an interval that has to lie at or below the limit."""
    return at_least(-upper, -lower, -limit)


def result(gate: Gate, verdict: Verdict, message: str) -> GateResult:
    """Return what a gate said."""
    return GateResult(name=gate.name, metric=gate.subject, verdict=verdict, message=message)
