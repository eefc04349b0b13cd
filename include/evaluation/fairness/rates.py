"""Rates of one group with Wilson intervals (Wilson 1927)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statsmodels.stats.proportion import proportion_confint

from include.evaluation.fairness.records import Group, Measure, Rate

if TYPE_CHECKING:
    from include.evaluation.fairness.counts import Counted


def group(counted: Counted, level: float, min_denominator: int) -> Group:
    """Return every rate of a group."""
    return Group(
        attribute=counted.attribute,
        name=counted.name,
        rows=counted.confusion.rows,
        is_unknown=counted.is_unknown,
        rates=tuple(
            rate(measure, counted.confusion.fraction(measure), level, min_denominator)
            for measure in Measure
        ),
    )


def rate(measure: Measure, fraction: tuple[int, int], level: float, min_denominator: int) -> Rate:
    """Return one rate; a denominator of 0 has no value, and never stands for 0."""
    numerator, denominator = fraction
    value = lower = upper = None
    if denominator:
        value = numerator / denominator
        low, high = proportion_confint(numerator, denominator, alpha=1 - level, method="wilson")
        lower, upper = float(low), float(high)
    return Rate(
        measure=measure,
        numerator=numerator,
        denominator=denominator,
        is_sufficient=denominator >= min_denominator,
        value=value,
        lower=lower,
        upper=upper,
    )
