"""A fairness report of predictions on the test window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from include.evaluation.fairness.counts import count
from include.evaluation.fairness.disparities import disparities
from include.evaluation.fairness.rates import group
from include.evaluation.fairness.records import FairnessReport

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Rules:
    """How a report is made.

    Attributes:
        level: Confidence level of every interval.
        min_denominator: Fewest rows for a rate to be compared.
        intersections: Protected columns to cross.
    """

    level: float
    min_denominator: int
    intersections: tuple[tuple[str, ...], ...] = ()


def report(
    attributes: pd.DataFrame, actual: np.ndarray, selected: np.ndarray, rules: Rules
) -> FairnessReport:
    """Return counts, rates and disparities of every group.

    Args:
        attributes: One column a protected attribute, shape (n, attributes).
        actual: Whether the favourable outcome happened, boolean of shape (n,).
        selected: Whether it was predicted, boolean of shape (n,).
        rules: Level, minimum denominator, intersections.
    """
    counted = count(attributes, (actual, selected), rules.intersections)
    groups = tuple(group(one, rules.level, rules.min_denominator) for one in counted)
    found = tuple(
        one
        for _, members in groupby(groups, key=lambda one: one.attribute)
        for one in disparities(tuple(members), rules.level)
    )
    return FairnessReport(
        level=rules.level,
        min_denominator=rules.min_denominator,
        groups=groups,
        disparities=found,
    )
