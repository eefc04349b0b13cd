"""Endpoints and observations as JSON: what crosses the daemon's border, and what it keeps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from include.evidence.tally import LATENCY_BOUNDS, Evidence, Pairing, Tally
from include.serving.counts import GAPS
from include.serving.endpoint import Endpoint, Health, Observation, Variant, VariantState
from include.spec.serving import DEFAULT, Serving

# Names and versions become parts of file names and of request paths.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,62}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VariantDocument(_Document):
    """One wanted variant."""

    name: Name
    version: Version
    package_uri: str = Field(max_length=1024)
    package_digest: Digest
    weight: int = Field(ge=0, le=100)
    replicas: int = Field(default=1, ge=0, le=8)
    mirror: int = Field(default=0, ge=0, le=100)


class EndpointDocument(_Document):
    """The wanted state of an endpoint."""

    name: Name
    model: Name
    revision: int = Field(ge=0)
    owner: str = Field(max_length=256)
    fencing_token: int = Field(ge=0)
    variants: tuple[VariantDocument, ...] = Field(max_length=8)
    sizing: Serving = DEFAULT

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [variant.name for variant in self.variants]
        if len(set(names)) < len(names):
            raise ValueError("two variants have the same name")
        total = sum(variant.weight for variant in self.variants)
        if total not in {0, 100}:
            raise ValueError(f"the weights sum to {total}, not to 100 (or 0)")
        if both := [one.name for one in self.variants if one.weight and one.mirror]:
            raise ValueError(f"{both[0]} has a weight and is mirrored: a shadow answers nobody")
        return self

    @classmethod
    def of(cls, endpoint: Endpoint) -> EndpointDocument:
        """Return the document of a value."""
        return cls.model_validate(asdict(endpoint))

    def value(self) -> Endpoint:
        """Return the value that the document says."""
        variants = tuple(Variant(**variant.model_dump()) for variant in self.variants)
        return Endpoint(
            name=self.name,
            model=self.model,
            revision=self.revision,
            owner=self.owner,
            fencing_token=self.fencing_token,
            variants=variants,
            sizing=self.sizing,
        )


class VariantStateDocument(_Document):
    """What the daemon observed of one variant."""

    name: str
    version: str
    weight: int = Field(description="Percent in effect: 0 while no replica of the version answers.")
    health: Health
    url: str
    restarts: int
    message: str


class ObservationDocument(_Document):
    """What the daemon observed of one endpoint."""

    name: str
    revision: int
    fencing_token: int
    url: str
    variants: tuple[VariantStateDocument, ...]
    foreign: str = Field(default="", description="What somebody else changed, where it is known.")

    @classmethod
    def of(cls, observation: Observation) -> ObservationDocument:
        """Return the document of a value."""
        return cls.model_validate(asdict(observation))

    def value(self) -> Observation:
        """Return the value that the document says."""
        return Observation(
            name=self.name,
            revision=self.revision,
            fencing_token=self.fencing_token,
            url=self.url,
            variants=tuple(VariantState(**state.model_dump()) for state in self.variants),
            foreign=self.foreign,
        )


class EvidenceDocument(_Document):
    """What was counted under one revision of an endpoint."""

    endpoint: str
    revision: int = Field(ge=0)
    seconds: float = Field(ge=0, allow_inf_nan=False)
    tallies: tuple[Tally, ...] = Field(max_length=256)
    pairings: tuple[Pairing, ...] = Field(max_length=256)
    interruptions: int = Field(ge=0)
    apart: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _counts(self) -> Self:
        for one in self.tallies:
            _check_counts(one.requests - one.errors, one.errors, one.refused)
            _check_bins(one.latency, one.outputs)
        for pair in self.pairings:
            _check_counts(pair.pairs - pair.errors, pair.errors, pair.visible_errors, pair.dropped)
            _check_counts(pair.pairs - pair.classes_differ, pair.classes_differ)
            _check_bins(pair.latency, pair.outputs)
            if len(pair.gaps) not in {0, GAPS}:
                raise ValueError(f"{len(pair.gaps)} bins of gaps, not {GAPS}")
        return self

    @classmethod
    def of(cls, evidence: Evidence) -> EvidenceDocument:
        """Return the document of a value."""
        return cls.model_validate(asdict(evidence))

    def value(self) -> Evidence:
        """Return the value that the document says."""
        return Evidence(
            endpoint=self.endpoint,
            revision=self.revision,
            seconds=self.seconds,
            tallies=self.tallies,
            pairings=self.pairings,
            interruptions=self.interruptions,
            apart=self.apart,
        )


def _check_counts(*counts: int) -> None:
    if min(counts) < 0:
        raise ValueError("a count below zero, or a part above its whole")


def _check_bins(latency: tuple[int, ...], outputs: tuple[tuple[int, int], ...]) -> None:
    if len(latency) not in {0, len(LATENCY_BOUNDS) + 1}:
        raise ValueError(f"{len(latency)} bins of latency, not {len(LATENCY_BOUNDS) + 1}")
    _check_counts(0, *latency, *(count for _, count in outputs))


class EndpointNames(_Document):
    """The endpoints that a daemon knows."""

    endpoints: tuple[str, ...]
