"""The part of a spec that says where steps run, and with how much.

It decides no result, so the digest of a spec leaves it out: a step that gets more memory keeps its
key, its finished trials and everything that was computed before it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from include.spec.base import Strict

STEPS = (
    "acquire", "validate", "quarantine", "plan", "fit_candidate", "ensemble", "select", "train",
    "evaluate", "gate", "package", "track",
)  # fmt: skip
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"
Quantity = Annotated[str, StringConstraints(pattern=QUANTITY)]


class Toleration(Strict):
    """A taint of nodes that pods of this profile may live with."""

    key: str = Field(description="Key of the taint.")
    value: str = Field(default="", description="Its value; without one, every value.")
    effect: Literal["NoSchedule", "NoExecute"] | None = Field(
        default=None, description="Its effect; without one, every effect."
    )


class Profile(Strict):
    """What the pod of a step gets, and on which nodes it may run."""

    cpu: Quantity = Field(
        default="1", description="CPUs that are kept for it; its libraries start as many threads."
    )
    cpu_limit: Quantity | None = Field(
        default=None, description="CPUs that it may use at most; without it, what the node has."
    )
    memory: Quantity = Field(
        default="2Gi", description="Memory that is kept for it, and where it is killed."
    )
    scratch: Quantity = Field(
        default="2Gi", description="Local disk that is kept for it, and where it is evicted."
    )
    node_selector: dict[str, str] = Field(
        default_factory=dict, description="Labels that its node must have."
    )
    tolerations: tuple[Toleration, ...] = Field(
        default=(), description="Taints that its node may have."
    )


class Compute(Strict):
    """Where steps run, and with how much; it takes effect with the Kubernetes runtime only."""

    default: Profile = Field(default=Profile(), description="Profile of every step.")
    steps: dict[str, Profile] = Field(
        default_factory=dict,
        description="Profiles of single steps, by name; what one leaves out is not taken from "
        "`default`.",
    )
    memory_factor: float = Field(
        default=2.0,
        gt=1,
        le=8,
        description="Times the memory that a step gets once more after it ran out of memory.",
    )

    def of(self, step: str) -> Profile:
        """Return the profile of a step."""
        return self.steps.get(step, self.default)
