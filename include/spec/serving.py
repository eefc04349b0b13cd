"""How many pods serve a model, and how much each one may use; where it is served on Kubernetes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from include.spec.base import Strict

Cpu = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*m?$")]
Memory = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*(Ki|Mi|Gi|Ti)$")]


class Autoscaling(Strict):
    """How the live version grows with its load."""

    most: int = Field(ge=2, le=100, description="Most replicas.")
    metric: Literal["cpu", "memory"] = Field(default="cpu", description="What is looked at.")
    target_percent: int = Field(
        default=80, ge=1, le=100, description="Percent of its request that a replica should use."
    )


class Serving(Strict):
    """Sizes of a model's servers."""

    replicas: int = Field(default=1, ge=1, le=8, description="Fewest replicas of a version.")
    cpu: Cpu = Field(default="100m", description="CPU that is kept for a replica.")
    cpu_limit: Cpu = Field(default="1", description="Most CPU of a replica.")
    memory: Memory = Field(default="256Mi", description="Memory that is kept for a replica.")
    memory_limit: Memory = Field(default="1Gi", description="Most memory of a replica.")
    autoscaling: Autoscaling | None = Field(
        default=None, description="Growth with the load; without it the number is fixed."
    )
    canary_replicas: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Replicas of a version while it is a canary, which does not grow; none: the "
        "most that the live version may have, so that it can take all the traffic.",
    )
    max_unavailable: int | None = Field(
        default=None,
        ge=1,
        description="Most replicas that a drained node may take away at a time "
        "(PodDisruptionBudget); none: no budget.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.autoscaling is not None and self.autoscaling.most < self.replicas:
            raise ValueError("autoscaling.most is below replicas")
        if self.canary < self.replicas:
            raise ValueError(
                "canary_replicas is below replicas: at 100 % a canary would have less than the "
                "live version at its least"
            )
        if self.max_unavailable is not None and self.max_unavailable >= self.replicas:
            raise ValueError(
                "max_unavailable leaves no replica: with a canary each version has its own, so "
                "that it has to be below replicas"
            )
        if millis(self.cpu) > millis(self.cpu_limit):
            raise ValueError("cpu is above cpu_limit")
        if size(self.memory) > size(self.memory_limit):
            raise ValueError("memory is above memory_limit")
        return self

    @property
    def canary(self) -> int:
        """Replicas of a canary."""
        grown = self.autoscaling.most if self.autoscaling else self.replicas
        return self.canary_replicas or grown


def millis(cpu: str) -> int:
    """Return an amount of CPU in thousandths of a core."""
    return int(cpu[:-1]) if cpu.endswith("m") else 1000 * int(cpu)


def size(memory: str) -> int:
    """Return an amount of memory in bytes."""
    return int(memory[:-2]) << (10 * (1 + ("Ki", "Mi", "Gi", "Ti").index(memory[-2:])))


DEFAULT = Serving()
