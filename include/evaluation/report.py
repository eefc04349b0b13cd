"""What an evaluation and its gates leave for people and later steps to read."""

from __future__ import annotations

from pydantic import Field

from include.evaluation.fairness.records import FairnessReport
from include.evaluation.leaks.records import LeakReport
from include.evaluation.records import (
    Calibration,
    Comparison,
    Explanation,
    Footprint,
    Slice,
)
from include.spec.base import Strict
from include.verdict import Verdict


class Estimate(Strict):
    """A metric on the test window, beside the naive baseline on the same resamples."""

    name: str = Field(description="Name of the metric.")
    value: float = Field(description="Value on the test window.")
    lower: float = Field(description="Lower end of the interval.")
    upper: float = Field(description="Upper end of the interval.")
    samples: int = Field(description="Rows it was measured on.")
    is_higher_better: bool = Field(description="Whether a greater value is better.")
    baseline: float | None = Field(description="The naive predictor's value.")
    gain: float | None = Field(description="How much better than the baseline; above 0 is better.")
    gain_lower: float | None = Field(description="Lower end of the gain's interval (paired).")
    gain_upper: float | None = Field(description="Upper end of the gain's interval (paired).")


class Window(Strict):
    """The rows that were kept away from training."""

    rows: int = Field(description="Rows in the window.")
    kind: str = Field(description="How it was set apart: `hash` or `time`.")
    first: str = Field(description="First date, or smallest row key.")
    last: str = Field(description="Last date, or greatest row key.")
    digest: str = Field(description="SHA-256 over the sorted row keys: which rows exactly.")


class Measurement(Strict):
    """What was measured of a model: the same model on the same rows gives the same."""

    model: str = Field(description="Name of the model.")
    model_digest: str = Field(description="Digest of the model that was measured.")
    dataset_digest: str = Field(description="Digest of the dataset version.")
    window: Window = Field(description="The rows it was measured on.")
    level: float = Field(description="Confidence level of every interval.")
    resamples: int = Field(description="Bootstrap resamples of every interval.")
    estimates: tuple[Estimate, ...] = Field(description="Metrics, in the order of the spec.")
    undefined: tuple[str, ...] = Field(description="Metrics that these rows do not define.")
    calibration: Calibration | None = Field(
        default=None, description="Whether predictions mean what they say."
    )
    slices: tuple[Slice, ...] = Field(
        default=(), description="The leading metric in parts of the window."
    )
    fairness: FairnessReport | None = Field(
        default=None, description="What each group got; none for a regression."
    )

    def estimate(self, name: str) -> Estimate | None:
        """Return the estimate of that metric, or nothing where there is none."""
        return next((e for e in self.estimates if e.name == name), None)


class EvaluationReport(Measurement):
    """``report.json`` of the evaluate step: the measurement, and which look at the rows it was."""

    used_before: int = Field(
        description="Evaluations that used these very rows before this one. Each look makes the "
        "next one's figures a little too good."
    )
    comparison: Comparison | None = Field(
        default=None, description="Beside the live version on the same rows."
    )
    leaks: LeakReport | None = Field(default=None, description="Features that know the answer.")
    explanations: Explanation | None = Field(
        default=None, description="What the model goes by (SHAP)."
    )
    footprint: Footprint | None = Field(
        default=None, description="Time and size; metrics of the step, and filled in to be judged."
    )

    @property
    def measurement(self) -> Measurement:
        """The report without its history, for what has to be equal when training is."""
        return Measurement(**{name: getattr(self, name) for name in Measurement.model_fields})


class GateResult(Strict):
    """What one gate said."""

    name: str = Field(description="Name of the gate.")
    metric: str = Field(description="Metric it looked at.")
    verdict: Verdict = Field(description="Its verdict.")
    message: str = Field(description="The comparison in one sentence.")


class GateReport(Strict):
    """``report.json`` of the gate step."""

    overall: Verdict = Field(description="The worst verdict; of no gate at all, `no_data`.")
    results: tuple[GateResult, ...] = Field(description="Each gate, in the order of the spec.")
