"""Rules that a candidate must satisfy, declared before data is seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from include.spec.base import Name, Strict


class GateKind(StrEnum):
    """What a gate looks at."""

    ABSOLUTE = "absolute"
    CHAMPION = "champion"
    FAIRNESS = "fairness"
    CALIBRATION = "calibration"
    LATENCY = "latency"
    SIZE = "size"
    LEAK = "leak"


class Gate(Strict):
    """A rule that a candidate must satisfy, declared before data is seen.

    A gate passes when the whole interval lies beyond its limit, and fails when none of it does.
    """

    name: Name = Field(description="Name of the rule.")
    kind: GateKind = Field(
        default=GateKind.ABSOLUTE,
        description="`absolute`: `metric` against `at_least` or `at_most`. `champion`: `metric` "
        "worse than the live version's on the same rows by at most `margin`; does not apply while "
        "nothing is live. `fairness`: ratio of each group's `measure` to the highest group's of "
        "`attribute`, `at_least`. `calibration`: expected calibration error, `at_most`. `latency`: "
        "milliseconds of one prediction, `at_most`. `size`: megabytes of the model, `at_most`. "
        "`leak`: no feature knows the answer.",
    )
    metric: Name | None = Field(default=None, description="Metric it looks at.")
    attribute: Name | None = Field(default=None, description="Protected column it looks at.")
    measure: Literal["selection_rate", "true_positive_rate", "precision", "accuracy"] = Field(
        default="selection_rate", description="Rate that is compared between groups."
    )
    margin: float | None = Field(default=None, ge=0, description="Largest acceptable loss.")
    at_least: float | None = Field(default=None, description="Smallest acceptable value.")
    at_most: float | None = Field(default=None, description="Largest acceptable value.")

    @property
    def subject(self) -> str:
        """What the gate looks at, in a word or two."""
        if self.kind is GateKind.FAIRNESS:
            return f"{self.measure} by {self.attribute}"
        return self.metric or self.kind.value


class Override(Strict):
    """Who may let a candidate in whose gates did not pass, where the run asks people.

    Whoever triggered the run may not; no answer by the deadline refuses the candidate.
    """

    roles: tuple[Name, ...] = Field(default=("approver",), description="Roles that may answer.")
    deadline_hours: float = Field(default=24, gt=0, description="No answer by then means no.")
