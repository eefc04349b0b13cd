"""Plots of an evaluation, as SVG."""

from __future__ import annotations

from include.evaluation.plots.report import PLOT, Plot, plots

__all__ = ["PLOT", "Plot", "plots"]
