"""Parts of an evaluation report; kept from their makers, which import heavy libraries."""

from __future__ import annotations

from pydantic import Field

from include.spec.base import Strict
from include.verdict import Verdict


class Bin(Strict):
    """Rows of similar predictions."""

    rows: int = Field(description="Rows in the bin.")
    said: float = Field(description="Mean prediction.")
    happened: float = Field(description="Mean of what happened.")


class Calibration(Strict):
    """Predictions beside what happened."""

    bins: tuple[Bin, ...] = Field(description="Bins of equal size, by rising prediction.")
    error: float = Field(description="Mean distance of the two in the bins, weighted by rows.")
    error_lower: float = Field(description="Lower end of its interval (percentile bootstrap).")
    error_upper: float = Field(description="Upper end. Few rows raise the error by chance alone.")
    slope: float | None = Field(description="1 for a calibrated model; none where it is undefined.")
    slope_lower: float | None = Field(description="Lower end of its interval (Wald).")
    slope_upper: float | None = Field(description="Upper end of its interval.")
    level: float | None = Field(description="0 for a calibrated model.")


class Slice(Strict):
    """One metric in one part of the window."""

    column: str = Field(description="Column that parts the rows.")
    part: str = Field(description="Its value, or a range of a number.")
    metric: str = Field(description="Metric.")
    rows: int = Field(description="Rows in the part.")
    verdict: Verdict = Field(description="`no_data` where the part is too small, else `pass`.")
    value: float | None = Field(description="The metric on these rows.")
    lower: float | None = Field(description="Lower end of its interval.")
    upper: float | None = Field(description="Upper end of its interval.")


class Difference(Strict):
    """How much better the candidate is than the champion in one metric."""

    metric: str = Field(description="Metric.")
    candidate: float = Field(description="Its value of the candidate.")
    champion: float = Field(description="Its value of the champion, on the same rows.")
    gain: float = Field(description="How much better the candidate is; above 0 is better.")
    lower: float = Field(description="Lower end of the interval of the gain (paired bootstrap).")
    upper: float = Field(description="Upper end of the interval of the gain.")


class Comparison(Strict):
    """The candidate beside the champion; no champion has no differences."""

    version: str = Field(description="The champion; empty where nothing is live.")
    rows: int = Field(description="Rows that both answered.")
    differences: tuple[Difference, ...] = Field(description="One for each metric of the spec.")

    def of(self, metric: str) -> Difference | None:
        """Return the difference in a metric."""
        return next((one for one in self.differences if one.metric == metric), None)


class Footprint(Strict):
    """Time and size, as seen where the model was evaluated."""

    milliseconds: float = Field(description="Median time of one prediction of one row.")
    milliseconds_upper: float = Field(description="Upper quartile of it.")
    calls: float = Field(description="Predictions that were timed, after as many to warm up.")
    megabytes: float = Field(description="Size of the stored model, 10^6 bytes.")


class Attribution(Strict):
    """How much of the scores goes by one feature."""

    column: str = Field(description="Feature.")
    size: float = Field(description="Mean absolute SHAP value over the rows, in units of output.")
    error: float | None = Field(description="Its standard error over the rows; none of one row.")


class Explanation(Strict):
    """What a model goes by, over rows of the test window; it says nothing of causes."""

    verdict: Verdict = Field(
        description="`pass`, or `error` where the values do not add up: then nothing is ranked."
    )
    method: str = Field(description="How the Shapley values were found.")
    output: str = Field(description="What is explained.")
    rows: int = Field(description="Rows that were explained.")
    background: int = Field(description="Training rows that stood for `not known`.")
    seed: int = Field(description="Seed of both samples and of the orders.")
    base: float | None = Field(description="Mean score of the background.")
    residual: float | None = Field(
        description="Largest distance of base and values from the score, over the greatest score."
    )
    features: tuple[Attribution, ...] = Field(description="Features, the greatest first.")
