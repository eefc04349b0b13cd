"""What a leak report holds."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from include.spec.base import Strict


class LeakKind(StrEnum):
    """How the answer gets into the features."""

    COPY = "target_copy"
    COMBINATION = "linear_combination"
    UNAVAILABLE = "not_available"
    IDENTIFIER = "identifier"
    DUPLICATES = "duplicates_across_split"


class Leak(Strict):
    """One way in which the answer gets in."""

    kind: LeakKind = Field(description="How.")
    columns: tuple[str, ...] = Field(description="Features concerned; all of them for duplicates.")
    words: str = Field(description="The evidence in one sentence.")
    strength: float = Field(description="AUC, R squared or share of rows behind the words.")


class LeakReport(Strict):
    """Every leak that was found among the features."""

    rows: int = Field(description="Training rows looked at.")
    features: tuple[str, ...] = Field(description="Features looked at.")
    leaks: tuple[Leak, ...] = Field(description="What was found; nothing is what one wants.")
