"""A pod as the API server describes it, as far as its end depends on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from include.pods.manifest import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Mapping

DISRUPTED, SCHEDULED = "DisruptionTarget", "PodScheduled"


class Described(BaseModel):
    """Base: frozen; what we do not look at is left out, because Kubernetes describes much more."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, values: Any) -> Any:
        """Leave out what is null: the client writes out every field that there could be."""
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None}


class Terminated(Described):
    """A container that is over."""

    exit_code: int
    signal: int | None = None
    reason: str | None = None
    message: str | None = None
    finished_at: datetime | None = None


class Waiting(Described):
    """A container that has not begun."""

    reason: str | None = None
    message: str | None = None


class ContainerState(Described):
    """What a container is doing; at most one of them."""

    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(Described):
    """One container."""

    name: str
    state: ContainerState = Field(default_factory=ContainerState)


class Condition(Described):
    """One condition of a pod."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None


class PodStatus(Described):
    """The status of a pod."""

    phase: str = "Unknown"
    reason: str | None = None
    message: str | None = None
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()


class Metadata(Described):
    """Who the pod is."""

    name: str
    labels: dict[str, str] = Field(default_factory=dict)
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None


class Pod(Described):
    """A pod."""

    metadata: Metadata
    status: PodStatus = Field(default_factory=PodStatus)

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Pod:
        """Return the pod that an object of the API server, or of its client, describes."""
        return cls.model_validate(described)

    @property
    def state(self) -> ContainerState:
        """What the step's container is doing."""
        found = (c.state for c in self.status.container_statuses if c.name == CONTAINER)
        return next(found, ContainerState())

    @property
    def is_going(self) -> bool:
        """Whether somebody has asked for its removal."""
        return self.metadata.deletion_timestamp is not None

    def condition(self, kind: str) -> Condition | None:
        """Return a condition, where the pod has it."""
        return next((c for c in self.status.conditions if c.type == kind), None)
