"""The five verdicts, used wherever one is given."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """Only ``pass`` passes; ``error`` is a broken measurement, never a failed one."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "no_data"
    ERROR = "error"


_WORST_FIRST = (Verdict.FAIL, Verdict.ERROR, Verdict.NO_DATA, Verdict.INCONCLUSIVE, Verdict.PASS)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of a set of checks: the worst one; of none at all, ``no_data``."""
    present = set(verdicts)
    return next((v for v in _WORST_FIRST if v in present), Verdict.NO_DATA)
