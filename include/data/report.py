"""What validation leaves for branches, people and the quarantine to read."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from include.data.types import Value
from include.spec.base import Strict
from include.verdict import Verdict


class Outcome(StrEnum):
    """What is to become of a batch of data."""

    ACCEPT = "accept"
    QUARANTINE = "quarantine"
    STOP = "stop"


class Kind(StrEnum):
    """The kinds of violation, few enough to be read."""

    MISSING_COLUMN = "missing_column"
    EXTRA_COLUMN = "extra_column"
    TYPE = "type"
    COMPLETENESS = "completeness"
    UNKNOWN_CATEGORY = "unknown_category"
    RANGE = "range"
    DUPLICATE = "duplicate"
    DRIFT = "drift"
    SIZE = "size"


class Violation(Strict):
    """One rule that one row breaks."""

    row_key: str = Field(description="Key of the row.")
    rule: str = Field(description="Rule, as `<column>.<keyword>`.")
    kind: Kind = Field(description="Kind of violation.")
    column: str = Field(description="Column that it is in.")
    value: Value = Field(description="Value that was found.")
    reason: str = Field(description="One sentence for people.")


class Finding(Strict):
    """Something about the batch as a whole."""

    kind: Kind = Field(description="Kind of violation.")
    column: str = Field(default="", description="Column that it is about.")
    message: str = Field(description="One sentence for people, with what to do.")


class RuleCount(Strict):
    """How many rows break a rule."""

    rule: str = Field(description="Rule.")
    kind: Kind = Field(description="Kind of violation.")
    column: str = Field(description="Column that it is about.")
    rows: int = Field(description="Rows that break it.")
    example: str = Field(description="Reason of the first of them.")


class ExpectationResult(Strict):
    """What Great Expectations found about one expectation."""

    expectation: str = Field(description="Type of the expectation.")
    column: str = Field(description="Column, or empty for the table.")
    statistic: str = Field(default="", description="Statistic that the spec names, if it does.")
    verdict: Verdict = Field(description="`pass`, `fail`, or `error` where it could not be told.")
    observed: Value = Field(default=None, description="Observed value.")
    minimum: float | None = Field(default=None, description="Smallest acceptable value.")
    maximum: float | None = Field(default=None, description="Largest acceptable value.")


class QualityScore(Strict):
    """The quality of a batch, and what it is made of; every part lies between 0 and 1."""

    score: float = Field(description="Product of the four parts.")
    completeness: float = Field(description="Share of rows without a missing required value.")
    validity: float = Field(description="Share of rows with values of their type and range.")
    uniqueness: float = Field(description="Share of rows that repeat no other row.")
    consistency: float = Field(description="Share of the expectations that are met.")
    stability: float | None = Field(
        default=None,
        description="Share of the columns that did not drift, where that is known. No part of the "
        "score: a batch may be good and different.",
    )


class ColumnDrift(Strict):
    """One column of a partition beside the same column in the live version's training rows."""

    column: str = Field(description="Column.")
    statistic: str = Field(description="Distance that was measured; empty where none could be.")
    value: float | None = Field(description="The distance.")
    threshold: float | None = Field(description="Distance from which on it counts.")
    p_value: float | None = Field(description="Chance of such a difference without any drift.")
    verdict: Verdict = Field(
        description="`fail`: far and not by chance; `inconclusive`: far, and it may be chance."
    )


class DriftReport(Strict):
    """How a partition differs from what the live version was trained on."""

    verdict: Verdict = Field(description="The worst of the columns; it stops no run by itself.")
    message: str = Field(description="One sentence for people.")
    champion: str = Field(description="The live version; empty where nothing is live.")
    partition: str = Field(default="", description="Partition that was compared.")
    rows: int = Field(default=0, description="Its good rows.")
    reference_rows: int = Field(default=0, description="Training rows that they were held against.")
    columns: tuple[ColumnDrift, ...] = Field(default=(), description="Columns, in file order.")

    @property
    def drifted(self) -> tuple[str, ...]:
        """Columns that drifted."""
        return tuple(one.column for one in self.columns if one.verdict is Verdict.FAIL)

    @property
    def share(self) -> float | None:
        """Share of the columns that could be told about that drifted; none without any."""
        told = [one for one in self.columns if one.verdict is not Verdict.NO_DATA]
        return len(self.drifted) / len(told) if told else None


class ValidationReport(Strict):
    """``report.json`` of the validate step."""

    format: int = Field(default=1, description="Version of this file's format.")
    model: str = Field(description="Name of the model.")
    dataset: str = Field(description="Digest of the dataset version that was judged.")
    outcome: Outcome = Field(description="What is to become of the batch.")
    verdict: Verdict = Field(description="`pass` lets the run go on.")
    rows: int = Field(description="Rows in the batch.")
    good_rows: int = Field(description="Rows that break no rule.")
    bad_rows: int = Field(description="Rows that break at least one.")
    findings: tuple[Finding, ...] = Field(description="Why the batch stops the run.")
    warnings: tuple[Finding, ...] = Field(description="What people should know.")
    rules: tuple[RuleCount, ...] = Field(description="Rules that rows break, most rows first.")
    expectations: tuple[ExpectationResult, ...] = Field(
        description="Statistical expectations, on the good rows; empty where it never came to them."
    )
    score: QualityScore | None = Field(
        description="Quality of the batch; none where its columns do not allow to say."
    )
    drift: DriftReport | None = Field(
        default=None, description="Beside the live version's training rows; none before it came."
    )
