"""What is measured on the untouched test window."""

from __future__ import annotations

from pydantic import Field

from include.spec.base import Name, Strict


class Intervals(Strict):
    """How the intervals of the metrics are made (percentile bootstrap, Efron 1979)."""

    resamples: int = Field(default=1000, ge=100, description="Bootstrap resamples.")
    level: float = Field(default=0.95, gt=0.5, lt=1, description="Confidence level.")


class Fairness(Strict):
    """How groups of the protected columns are compared; classification only."""

    min_denominator: int = Field(
        default=30, ge=10, description="Fewest rows behind a rate for it to be compared."
    )
    intersections: tuple[tuple[Name, ...], ...] = Field(
        default=(), description="Protected columns to cross, for example `[[white, male]]`."
    )


class Explanations(Strict):
    """How much is spent on global explanations (SHAP)."""

    rows: int = Field(default=40, ge=10, le=5000, description="Test rows that are explained.")
    background: int = Field(
        default=40, ge=10, le=1000, description="Training rows that stand for `not known`."
    )


class Evaluation(Strict):
    """What is measured on the test window."""

    metrics: tuple[Name, ...] = Field(description="Metrics to compute; the first one leads.")
    intervals: Intervals = Field(default=Intervals(), description="Intervals of the metrics.")
    slices: tuple[Name, ...] = Field(
        default=(), description="Columns in whose parts the leading metric is measured as well."
    )
    fairness: Fairness = Field(default=Fairness(), description="Comparison of groups.")
    explanations: Explanations = Field(default=Explanations(), description="Global explanations.")
