"""The written policy by which one model of a training is selected.

1. Baselines are measured and never selected.
2. Best is who has the best mean score over the folds. Whoever is worse by no more than one standard
   error of the difference, fold by fold, counts as equally good (the one-standard-error rule of
   Breiman et al. 1984, on paired differences).
3. Among equally good ones, the faster answers decide; within ``SAME_LATENCY`` of the fastest, the
   better mean score.
4. An ensemble is selected only if it is better than the best single candidate by more than its
   uncertainty: the one-sided 95 % bound of the paired difference over the folds lies above zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from include.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

SAME_LATENCY = 1.5
LEVEL = 0.95
POLICY = (
    "Baselines are measured and never selected.",
    "Whoever is worse than the best mean score by no more than one standard error of the paired "
    "difference over the folds is as good (one-standard-error rule).",
    f"Among equally good ones the faster answers decide; within {SAME_LATENCY} times the fastest, "
    "the better mean score.",
    f"An ensemble is kept only if the one-sided {LEVEL:.0%} bound of its paired lead over the best "
    "single candidate lies above zero.",
)


class Kind(StrEnum):
    """What competes."""

    SINGLE = "single"
    ENSEMBLE = "ensemble"
    BASELINE = "baseline"


@dataclass(frozen=True)
class Contender:
    """Who competes: score of each fold (None where it has none), and seconds of one answer."""

    name: str
    kind: Kind
    scores: tuple[float | None, ...]
    latency: float

    @property
    def mean(self) -> float:
        """Mean score over its folds; NaN where it has none."""
        known = self.known
        return float(np.mean(known)) if known else float("nan")

    @property
    def known(self) -> tuple[float, ...]:
        """The scores it has."""
        return tuple(score for score in self.scores if score is not None)

    @property
    def error(self) -> float | None:
        """Standard error of the mean; None for fewer than two folds."""
        count = len(self.known)
        return float(np.std(self.known, ddof=1) / np.sqrt(count)) if count > 1 else None


@dataclass(frozen=True)
class Score:
    """Name of the score and which way is better."""

    name: str
    is_higher_better: bool


@dataclass(frozen=True)
class Selection:
    """Who was selected, and why, a sentence for each rule that spoke."""

    name: str
    reasons: tuple[str, ...]


def select(contenders: Sequence[Contender], score: Score) -> Selection:
    """Select one of the contenders; all were measured on the same folds.

    Raises:
        Rejected: there is no candidate beside baselines.
    """
    singles = [c for c in contenders if c.kind is Kind.SINGLE]
    if not singles:
        remedy = "See why each candidate failed"
        raise Rejected("no candidate was fitted", where="select", remedy=remedy)
    sign = 1 if score.is_higher_better else -1
    best = max(singles, key=lambda c: sign * c.mean)
    reasons = [f"{best.name} has the best {score.name}: {best.mean:.4g} over {_folds(best)}"]
    chosen = _fastest(best, singles, sign, reasons)
    ensemble = _ensemble(best, contenders, sign, reasons)
    _beside_baselines(ensemble or chosen, contenders, sign, reasons)
    return Selection((ensemble or chosen).name, tuple(reasons))


def gain(one: Contender, other: Contender, sign: int) -> tuple[float, float]:
    """Return how much better ``one`` is on the mean fold that both have, and its standard error."""
    differences = sign * np.array([
        mine - theirs
        for mine, theirs in zip(one.scores, other.scores, strict=True)
        if mine is not None and theirs is not None
    ])
    if len(differences) <= 1:
        return float(differences.sum()), float("inf")
    return float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(len(differences)))


def _fastest(
    best: Contender, singles: Sequence[Contender], sign: int, reasons: list[str]
) -> Contender:
    equal = [best]
    for other in singles:
        lead, error = gain(best, other, sign)
        if other is not best and lead <= error and np.isfinite(error):
            equal.append(other)
            reasons.append(f"{other.name} is as good: behind by {lead:.3g}, one error {error:.3g}")
    limit = SAME_LATENCY * min(c.latency for c in equal)
    chosen = max((c for c in equal if c.latency <= limit), key=lambda c: sign * c.mean)
    if len(equal) > 1:
        told = ", ".join(f"{c.name} {1000 * c.latency:.2g} ms" for c in equal)
        reasons.append(f"among equally good ones the faster answers decide: {told}: {chosen.name}")
    return chosen


def _ensemble(
    best: Contender, contenders: Sequence[Contender], sign: int, reasons: list[str]
) -> Contender | None:
    kept = []
    for one in (c for c in contenders if c.kind is Kind.ENSEMBLE):
        lead, error = gain(one, best, sign)
        if not np.isfinite(error):
            reasons.append(f"{one.name} is not kept: one fold shows no uncertainty")
            continue
        bound = lead - student.ppf(LEVEL, len(one.known) - 1) * error
        verb = "is kept" if bound > 0 else "is not kept"
        reasons.append(
            f"{one.name} {verb}: better than {best.name} by {lead:.3g}, at least {bound:.3g} with "
            f"{LEVEL:.0%} confidence"
        )
        if bound > 0:
            kept.append(one)
    return max(kept, key=lambda c: sign * c.mean) if kept else None


def _beside_baselines(
    chosen: Contender, contenders: Sequence[Contender], sign: int, reasons: list[str]
) -> None:
    for baseline in (c for c in contenders if c.kind is Kind.BASELINE):
        lead, error = gain(chosen, baseline, sign)
        what = "beats" if lead > error else "DOES NOT BEAT"
        reasons.append(f"{chosen.name} {what} the naive {baseline.name} by {lead:.3g}")


def _folds(contender: Contender) -> str:
    return f"{len(contender.known)} fold(s)"
