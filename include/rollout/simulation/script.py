"""The script of a simulated rollout: what the world does while the plan is carried out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from include.verdict import Verdict


class Part(BaseModel):
    """Base of the parts of a script: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Behaviour(Part):
    """How a version answers."""

    errors: float = Field(default=0.0, ge=0, le=1, description="Share of failed requests.")
    latency_ms: float = Field(default=40.0, gt=0, description="Median answer time.")
    spread: float = Field(default=0.3, ge=0, le=2, description="Sigma of its logarithm.")
    loss: float = Field(default=0.2, ge=0, description="Mean loss of a labelled prediction.")
    output: float = Field(default=0.5, description="Mean of the predictions.")
    deviation: float = Field(default=0.15, ge=0, description="Their standard deviation.")
    disagrees: float = Field(
        default=0.05, ge=0, le=1, description="Share of mirrored requests of another class."
    )


class Incident(Part):
    """Something that happens in a stage, at a second of it."""

    at: int = Field(ge=0, description="Second of the stage.")
    what: Literal["stop", "superseded", "foreign", "broken"]
    words: str = ""


class Outage(Part):
    """Seconds of a stage in which nobody can say what the versions do."""

    begins: int = Field(ge=0)
    ends: int = Field(gt=0)


class StageScript(Part):
    """What is different in one stage; a part that is left out is as for all stages."""

    traffic: float | None = Field(default=None, ge=0, description="Requests a second.")
    labels: float | None = Field(default=None, ge=0, le=1, description="Share with a label.")
    stable: Behaviour | None = None
    candidate: Behaviour | None = None
    verdict: Verdict | None = Field(
        default=None, description="Verdict that is given, instead of one of the evidence."
    )
    at: int = Field(default=30, ge=0, description="Second of a given verdict.")
    dries_up_at: int | None = Field(default=None, ge=0, description="No request from here on.")
    outages: tuple[Outage, ...] = ()
    incident: Incident | None = None
    answer: Literal["continue", "extend", "roll_back", "none"] = Field(
        default="none", description="What people answer where the stage is undecided."
    )
    extended: StageScript | None = Field(
        default=None, description="What is different when it is watched once more."
    )


class Script(Part):
    """What the world does."""

    seed: int = 1
    approval: Literal["not_needed", "approve", "refuse"] = "not_needed"
    smoke_test: Literal["pass", "fail"] = "pass"
    traffic: float = Field(default=20.0, ge=0, description="Requests a second to the endpoint.")
    labels: float = Field(default=0.0, ge=0, le=1, description="Share that gets a label.")
    stable: Behaviour = Behaviour()
    candidate: Behaviour = Behaviour()
    stages: dict[str, StageScript] = Field(
        default_factory=dict, description="By name: `shadow`, `stage_5`, `stage_100`."
    )

    def scene(self, name: str, *, extended: bool = False) -> Scene:
        """Return what happens in a stage, with what is as for all stages filled in."""
        own = self.stages.get(name, StageScript())
        if extended:
            own = own.extended or own
        return Scene(
            traffic=self.traffic if own.traffic is None else own.traffic,
            labels=self.labels if own.labels is None else own.labels,
            stable=own.stable or self.stable,
            candidate=own.candidate or self.candidate,
            script=own,
        )


class Scene(Part):
    """What happens in one stage, complete."""

    traffic: float
    labels: float
    stable: Behaviour
    candidate: Behaviour
    script: StageScript
