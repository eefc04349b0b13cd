"""What planning, candidates, ensembles and the selection leave to read.

None of it holds a duration: the same work gives the same bytes. Seconds are metrics of the step.
"""

from __future__ import annotations

from pydantic import Field

from include.spec.base import Scalar, Strict
from include.training.importances import Importance


class PlannedCandidate(Strict):
    """One candidate of the plan: the options of its step, and its budget."""

    algorithm: str = Field(description="Name of the algorithm.")
    is_baseline: bool = Field(description="Whether it is a naive baseline.")
    trials: int = Field(description="Most trials of its search.")
    seconds: int = Field(description="Most seconds of its search.")


class FoldSize(Strict):
    """Rows of one fold."""

    fitted: int = Field(description="Rows that a model is fitted on.")
    held_out: int = Field(description="Rows that it is then asked about.")


class PlanReport(Strict):
    """``plan.json``: what a training will try."""

    model: str = Field(description="Name of the model.")
    score: str = Field(description="Metric that candidates are compared by.")
    is_higher_better: bool = Field(description="Whether a greater score is better.")
    rows: int = Field(description="Training rows; none of the test window.")
    folds: tuple[FoldSize, ...] = Field(description="Folds of the cross-validation.")
    candidates: tuple[PlannedCandidate, ...] = Field(description="Who competes.")
    seed: int = Field(description="Seed of everything random.")


class Trial(Strict):
    """One finished trial."""

    number: int = Field(description="Number within the algorithm's search, from 0.")
    state: str = Field(description="`complete`, `pruned` or `fail`.")
    parameters: dict[str, Scalar] = Field(description="What the trial turned.")
    score: float | None = Field(description="Mean score over the folds it got to.")
    note: str = Field(description="Why it was pruned or failed.")


class CandidateReport(Strict):
    """``candidate.json``: how one algorithm fared."""

    algorithm: str = Field(description="Name of the algorithm.")
    is_baseline: bool = Field(description="Whether it is a naive baseline.")
    score: str = Field(description="Metric it was scored by.")
    scores: tuple[float, ...] = Field(description="Score of each fold on held-out rows.")
    mean: float = Field(description="Mean over the folds.")
    error: float | None = Field(description="Standard error of the mean; none for one fold.")
    parameters: dict[str, Scalar] = Field(description="Parameters of the best trial.")
    trials: tuple[Trial, ...] = Field(description="Every finished trial.")
    truncated: bool = Field(description="Whether the clock ended the search.")
    importances: tuple[Importance, ...] = Field(description="Of a forest: worth of each feature.")


class CombinedReport(Strict):
    """One ensemble."""

    name: str = Field(description="`voting` or `stacking`.")
    weights: dict[str, float] = Field(description="Weight of each member.")
    intercept: float = Field(description="What is added to the weighted sum.")
    is_logit: bool = Field(description="Whether log odds are combined.")
    scores: tuple[float | None, ...] = Field(
        description="Score of each fold, weights held out too; none where nothing taught them."
    )


class EnsembleReport(Strict):
    """``ensemble.json``: what combining the candidates gives."""

    members: tuple[str, ...] = Field(description="Candidates that were combined.")
    ensembles: tuple[CombinedReport, ...] = Field(description="Each way to combine them.")
    note: str = Field(description="Why there is none, where there is none.")


class ContenderReport(Strict):
    """One line of the selection's table."""

    name: str = Field(description="Algorithm, baseline or ensemble.")
    kind: str = Field(description="`single`, `ensemble` or `baseline`.")
    mean: float = Field(description="Mean score over its folds.")
    error: float | None = Field(description="Standard error of the mean.")
    folds: int = Field(description="Folds it has a score of.")
    latency_ms: float = Field(description="Median milliseconds of an answer for one row.")
    seconds: float = Field(description="Seconds that searching and fitting it took.")
    trials: int = Field(description="Finished trials of its search.")
    truncated: bool = Field(description="Whether the clock ended its search.")


class SelectionReport(Strict):
    """``selection.json``: who was selected, and why."""

    model: str = Field(description="Name of the model.")
    score: str = Field(description="Metric that candidates were compared by.")
    is_higher_better: bool = Field(description="Whether a greater score is better.")
    folds: int = Field(description="Folds of the cross-validation.")
    selected: str = Field(description="Name of the winner.")
    policy: tuple[str, ...] = Field(description="The rules, in the order they are applied.")
    reasons: tuple[str, ...] = Field(description="What each rule said.")
    contenders: tuple[ContenderReport, ...] = Field(description="Everybody, the best first.")
    missing: tuple[str, ...] = Field(description="Planned candidates that left no result.")
