"""What a fairness report holds."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from include.spec.base import Strict
from include.verdict import Verdict


class Measure(StrEnum):
    """A rate that can be compared between groups."""

    SELECTION = "selection_rate"
    TRUE_POSITIVE = "true_positive_rate"
    FALSE_POSITIVE = "false_positive_rate"
    TRUE_NEGATIVE = "true_negative_rate"
    FALSE_NEGATIVE = "false_negative_rate"
    PRECISION = "precision"
    NEGATIVE_PREDICTIVE_VALUE = "negative_predictive_value"
    ACCURACY = "accuracy"


class Rate(Strict):
    """One rate of one group, with what it was counted from."""

    measure: Measure = Field(description="Which rate.")
    numerator: int = Field(description="Rows it happened to.")
    denominator: int = Field(description="Rows it could have happened to.")
    is_sufficient: bool = Field(description="Whether the denominator reaches the minimum.")
    value: float | None = Field(description="The share; none where the denominator is 0.")
    lower: float | None = Field(description="Lower end of the Wilson interval.")
    upper: float | None = Field(description="Upper end of the Wilson interval.")


class Group(Strict):
    """The members of one group, or of an intersection of groups."""

    attribute: str = Field(description="Protected column, or `a x b` for an intersection.")
    name: str = Field(description="Its value, or `u x v`.")
    rows: int = Field(description="Rows of the group in the window.")
    is_unknown: bool = Field(description="Whether the attribute has no value in these rows.")
    rates: tuple[Rate, ...] = Field(description="Every measure, in the order of `Measure`.")

    def rate(self, measure: Measure) -> Rate:
        """Return one of its rates."""
        return next(rate for rate in self.rates if rate.measure is measure)


class Disparity(Strict):
    """One measure of a group beside the one of the reference group of the same attribute."""

    attribute: str = Field(description="Protected column, or an intersection.")
    measure: Measure = Field(description="Which rate.")
    group: str = Field(description="The group.")
    reference: str = Field(description="The known group with the highest rate and enough rows.")
    verdict: Verdict = Field(
        description="`inconclusive` under the minimum denominator; else `pass`: it was compared."
    )
    words: str = Field(description="The comparison in one sentence.")
    ratio: float | None = Field(description="Rate of the group over rate of the reference.")
    ratio_lower: float | None = Field(description="Lower end of its interval (Katz et al. 1978).")
    ratio_upper: float | None = Field(description="Upper end of its interval.")
    difference: float | None = Field(description="Rate of the group minus rate of the reference.")
    difference_lower: float | None = Field(description="Lower end of it (Newcombe 1998).")
    difference_upper: float | None = Field(description="Upper end of it.")
    p_value: float | None = Field(description="Two-sided p-value of no difference.")
    p_adjusted: float | None = Field(description="The same over all groups of it (Holm 1979).")


class FairnessReport(Strict):
    """Groups, their rates, and what differs between them."""

    level: float = Field(description="Confidence level of every interval.")
    min_denominator: int = Field(description="Fewest rows for a rate to be compared.")
    groups: tuple[Group, ...] = Field(description="Every group of every attribute.")
    disparities: tuple[Disparity, ...] = Field(description="Every group but the references.")

    def of(self, attribute: str, measure: Measure) -> tuple[Disparity, ...]:
        """Return the disparities of one attribute in one measure."""
        return tuple(
            one for one in self.disparities if (one.attribute, one.measure) == (attribute, measure)
        )
