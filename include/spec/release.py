"""How a registered version reaches traffic: who agrees, which stages, what each one must show."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from include.spec.base import Name, Strict


class Approval(Strict):
    """Who has to agree, and by when."""

    required: bool = Field(default=True, description="Whether a person has to agree.")
    roles: tuple[Name, ...] = Field(default=("approver",), description="Roles that may answer.")
    deadline_hours: float = Field(default=72, gt=0, description="No answer by then means no.")


class ErrorLimits(Strict):
    """How many requests the candidate may leave unanswered or answer with a server error."""

    max_share: float = Field(
        default=0.02, gt=0, lt=1, description="Largest share, whatever the stable version does."
    )


class LatencyLimits(Strict):
    """How many answers may be slow, after the warm-up of a model server."""

    limit_ms: float = Field(default=250, gt=0, description="An answer above this is slow.")
    max_share: float = Field(default=0.05, gt=0, lt=1, description="Largest share of slow answers.")
    max_increase: float = Field(
        default=0.05, gt=0, lt=1, description="Largest excess over the stable version's share."
    )


class QualityLimits(Strict):
    """How much worse the candidate may predict, on labels that arrive while it has traffic."""

    loss: Literal["error", "squared", "absolute"] = Field(
        description="`error` (wrong class), `squared` or `absolute` distance of the prediction "
        "(the probability, where the model gives one) from the label."
    )
    margin: float = Field(gt=0, description="Largest excess over the stable version's mean loss.")
    min_labels: int = Field(default=100, ge=100, description="Fewest labels of each version.")
    required: bool = Field(
        default=True, description="Whether a stage needs the labels, or only fails by them."
    )


class DistributionLimits(Strict):
    """How far the predictions may move away; every honest challenger differs."""

    max_distance: float = Field(
        default=0.4, gt=0, lt=1, description="Largest Kolmogorov-Smirnov distance of predictions."
    )


class AgreementLimits(Strict):
    """How often shadow and stable may disagree about the same request."""

    max_disagreement: float = Field(
        default=0.25, gt=0, lt=1, description="Largest share of mirrored requests."
    )
    tolerance: float = Field(
        default=0.5,
        gt=0,
        description="For regression: relative difference (of the larger one) that disagrees.",
    )


class Signals(Strict):
    """What is watched at every stage, and its limits."""

    errors: ErrorLimits = Field(default=ErrorLimits(), description="Unanswered requests.")
    latency: LatencyLimits = Field(default=LatencyLimits(), description="Slow answers.")
    quality: QualityLimits | None = Field(
        default=None, description="Labelled quality; none where labels come too late to wait for."
    )
    distribution: DistributionLimits = Field(
        default=DistributionLimits(), description="Distribution of the predictions."
    )
    agreement: AgreementLimits = Field(
        default=AgreementLimits(), description="Agreement with the stable version in the shadow."
    )


class Patience(Strict):
    """How long a stage is watched, and how much it has to see."""

    min_requests: int = Field(
        default=100, ge=20, description="Fewest requests that have to reach the candidate."
    )
    min_seconds: float = Field(default=30, ge=0, description="Shortest watch of a stage.")
    deadline_minutes: float = Field(
        default=60, gt=0, description="A stage without a verdict by then asks people."
    )


class Shadow(Strict):
    """Requests that the candidate answers to nobody, before it has traffic."""

    enabled: bool = Field(default=True, description="Whether there is a shadow stage.")
    percent: int = Field(default=100, ge=1, le=100, description="Share of requests to mirror.")
    patience: Patience = Field(default=Patience(), description="How long, and how much.")


class Canary(Strict):
    """The stages of a release beside a live version."""

    shadow: Shadow = Field(default=Shadow(), description="The stage before the first traffic.")
    weights: tuple[int, ...] = Field(
        default=(5, 25, 50, 100), description="Percent of the traffic at each stage; ends with 100."
    )
    patience: Patience = Field(default=Patience(), description="How long, and how much, a stage.")
    false_alarms: float = Field(
        default=0.01,
        gt=0,
        le=0.2,
        description="Largest probability that a harmless release is rolled back, over all stages.",
    )
    undecided: Approval = Field(
        default=Approval(deadline_hours=24),
        description="Who is asked at a stage without a verdict; no answer rolls back.",
    )

    @model_validator(mode="after")
    def _is_a_way_up(self) -> Self:
        rising = all(before < after for before, after in pairwise((0, *self.weights)))
        if not (rising and self.weights and self.weights[-1] == 100):
            raise ValueError("weights have to rise from above 0 and to end with 100")
        return self


class FirstRelease(Approval):
    """The first release has no stable version beside it: people agree, and limits are absolute."""

    patience: Patience = Field(
        default=Patience(min_requests=50), description="How long all traffic is watched."
    )


class Release(Strict):
    """How a registered version reaches traffic."""

    policy: Literal["auto", "manual"] = Field(
        default="auto",
        description="`auto`: registering starts the release; `manual`: a person does.",
    )
    endpoint: Name = Field(description="Endpoint that serves the model.")
    first_release: FirstRelease = Field(
        default=FirstRelease(), description="The first release, with its stricter rules."
    )
    approval: Approval = Field(
        default=Approval(required=False), description="Approval of every later release."
    )
    canary: Canary = Field(default=Canary(), description="The stages of later releases.")
    signals: Signals = Field(default=Signals(), description="What is watched, and its limits.")
    newer_version: Literal["queue", "supersede"] = Field(
        default="supersede",
        description="What a newer version does to a rollout under way: wait, or take its place.",
    )
    ready_timeout_minutes: float = Field(
        default=5, gt=0, description="How long a variant may take to become ready."
    )
    latency_limit_ms: float = Field(
        default=500, gt=0, description="Limit of the median answer time in the smoke test."
    )
