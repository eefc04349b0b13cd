"""The plots of an evaluation report: one for each part that the report has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.evaluation.fairness.records import Measure
from include.evaluation.plots.drawing import Bar, Point, curve, intervals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.evaluation.fairness.records import FairnessReport
    from include.evaluation.records import Calibration, Explanation, Slice
    from include.evaluation.report import EvaluationReport

# Before the name of a plot, in the name of the artifact that holds it.
PLOT = "plot_"


@dataclass(frozen=True)
class Plot:
    """A plot and what it is called."""

    name: str
    svg: bytes


def plots(report: EvaluationReport) -> tuple[Plot, ...]:
    """Return a plot of each part that has something to show."""
    return tuple(_plots(report))


def _plots(report: EvaluationReport) -> Iterator[Plot]:
    if report.calibration is not None and report.calibration.bins:
        yield Plot("calibration", _calibration(report.calibration))
    if report.explanations is not None and report.explanations.features:
        yield Plot("explanations", _explanations(report.explanations))
    if report.fairness is not None and report.fairness.groups:
        yield Plot("fairness", _fairness(report.fairness))
    if any(one.value is not None for one in report.slices):
        yield Plot("slices", _slices(report.slices))


def _calibration(found: Calibration) -> bytes:
    most = max(part.rows for part in found.bins)
    points = [Point(part.said, part.happened, part.rows / most) for part in found.bins]
    error = f"{found.error:.3g} [{found.error_lower:.3g}, {found.error_upper:.3g}]"
    title = f"Calibration: mean distance {error}"
    return curve(title, points, ("mean prediction", "mean of what happened"))


def _explanations(found: Explanation) -> bytes:
    bars = [
        Bar(one.column, one.size, one.size - (one.error or 0.0), one.size + (one.error or 0.0))
        for one in found.features
    ]
    title = f"Mean |SHAP| of {found.output} over {found.rows} rows, with standard error"
    return intervals(title, bars, is_from_zero=True)


def _fairness(found: FairnessReport) -> bytes:
    rates = [(group, group.rate(Measure.SELECTION)) for group in found.groups]
    bars = [
        Bar(
            f"{group.attribute} = {group.name}",
            rate.value,
            rate.lower,
            rate.upper,
            f"{rate.numerator}/{rate.denominator}",
        )
        for group, rate in rates
        if rate.value is not None
    ]
    return intervals(f"Selection rates with {found.level:.0%} intervals (Wilson)", bars)


def _slices(found: tuple[Slice, ...]) -> bytes:
    bars = [
        Bar(
            f"{one.column} = {one.part}",
            one.value,
            one.lower,
            one.upper,
            f"{one.value:.3g} ({one.rows} rows)",
        )
        for one in found
        if one.value is not None
    ]
    return intervals(f"{found[0].metric} in parts of the test window", bars)
