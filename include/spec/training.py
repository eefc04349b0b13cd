"""The part of a spec that says which algorithms compete, and how long they may search."""

from __future__ import annotations

from pydantic import Field

from include.spec.base import Name, Scalar, Strict


class Training(Strict):
    """What is fitted, and how."""

    candidates: tuple[Name, ...] = Field(
        description="Algorithms that compete; a naive baseline is measured beside them. A training "
        "without a search takes the first one."
    )
    parameters: dict[Name, dict[str, Scalar]] = Field(
        default_factory=dict,
        description="Parameters that are given and therefore not searched, by algorithm.",
    )
    trials: int = Field(default=10, ge=1, le=1000, description="Trials of each algorithm's search.")
    seconds: int = Field(
        default=120,
        ge=1,
        description="Time budget of each algorithm's search; a search it stops says `truncated`.",
    )
    folds: int = Field(default=5, ge=2, le=20, description="Folds of the cross-validation.")
    seed: int = Field(default=20260101, ge=0, description="Seed of everything random.")
    timeout_minutes: int = Field(default=30, ge=1, description="Limit of one training task.")

    def given(self, algorithm: str) -> dict[str, Scalar]:
        """Return the parameters that are given for an algorithm."""
        return self.parameters.get(algorithm, {})
