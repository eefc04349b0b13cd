"""Live objects of Kubernetes, as far as they are read; everything else in them is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from include.errors import ServingUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping


class Live(BaseModel):
    """A part of an object; what Kubernetes adds with its next release is no error."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_missing(cls, value: object, info: Any) -> object:
        # Go writes an empty map or list as null, where it does not leave it out.
        field = cls.model_fields[info.field_name]
        return field.get_default(call_default_factory=True) if value is None else value


class Owned(Live):
    """Which fields somebody wrote last."""

    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str = ""
    fields_v1: dict[str, Any] = Field(default_factory=dict, alias="fieldsV1")


class Metadata(Live):
    """Who an object is."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    managed_fields: tuple[Owned, ...] = ()
    deletion_timestamp: str = ""


class Condition(Live):
    """One condition of an object."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    observed_generation: int = 0


class CanaryStatus(Live):
    """What the controller says of a canary: its percent is copied from what was written."""

    name: str = ""
    ready: bool = False
    traffic_percent: int = 0


class ServiceStatus(Live):
    """What the controller says of an InferenceService."""

    url: str = ""
    canary_statuses: tuple[CanaryStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()


class InferenceService(Live):
    """An InferenceService; its spec is kept whole."""

    metadata: Metadata
    spec: dict[str, Any] = Field(default_factory=dict)
    status: ServiceStatus = ServiceStatus()


class PodMetadata(Live):
    """What is looked at in a pod template."""

    annotations: dict[str, str] = Field(default_factory=dict)


class Container(Live):
    """A container that is to be."""

    name: str = ""
    image: str = ""


class PodSpec(Live):
    """What pods are made of."""

    containers: tuple[Container, ...] = ()


class PodTemplate(Live):
    """The template of a Deployment's pods."""

    metadata: PodMetadata = PodMetadata()
    spec: PodSpec = PodSpec()


class DeploymentSpec(Live):
    """How many pods are wanted, and which."""

    replicas: int = 1
    template: PodTemplate = PodTemplate()


class DeploymentStatus(Live):
    """How many pods there are."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class Deployment(Live):
    """A Deployment of a predictor."""

    metadata: Metadata
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


class BackendRef(Live):
    """Where a rule leads, with its weight; none given counts as one."""

    name: str = ""
    weight: int = 1


class Rule(Live):
    """One rule of a route."""

    backend_refs: tuple[BackendRef, ...] = ()


class RouteSpec(Live):
    """Hosts and rules of a route."""

    hostnames: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


class RouteParent(Live):
    """What a gateway says of a route."""

    conditions: tuple[Condition, ...] = ()


class RouteStatus(Live):
    """What the gateways say of a route."""

    parents: tuple[RouteParent, ...] = ()


class Route(Live):
    """An HTTPRoute."""

    metadata: Metadata
    spec: RouteSpec = RouteSpec()
    status: RouteStatus = RouteStatus()


class Waiting(Live):
    """Why a container does not run."""

    reason: str = ""
    message: str = ""


class ContainerState(Live):
    """How a container is, or ended."""

    waiting: Waiting | None = None
    terminated: Waiting | None = None


class ContainerStatus(Live):
    """One container of a pod."""

    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(Live):
    """How a pod is."""

    phase: str = ""
    pod_ip: str = Field(default="", alias="podIP")
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Live):
    """A pod of a predictor."""

    metadata: Metadata
    status: PodStatus = PodStatus()


class ConfigMap(Live):
    """A ConfigMap."""

    data: dict[str, str] = Field(default_factory=dict)


class Allowed(Live):
    """Whether we may."""

    allowed: bool = False


class Review(Live):
    """What the API server says of one of our rights."""

    status: Allowed = Allowed()


class InferenceServices(Live):
    """A list of InferenceServices."""

    items: tuple[InferenceService, ...] = ()


class Deployments(Live):
    """A list of Deployments."""

    items: tuple[Deployment, ...] = ()


class Routes(Live):
    """A list of HTTPRoutes."""

    items: tuple[Route, ...] = ()


class Pods(Live):
    """A list of pods."""

    items: tuple[Pod, ...] = ()


_Kind = TypeVar("_Kind", bound=Live)


def read(kind: type[_Kind], text: str, where: str) -> _Kind:
    """Return an object as the API server told it.

    Raises:
        ServingUnavailable: this is no such object.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as broken:
        raise ServingUnavailable(
            f"the answer is no {kind.__name__}",
            where=where,
            value=str(broken.errors()[0]["msg"]),
            remedy="Check the address of the API server",
        ) from broken


def at(tree: Mapping[str, Any], *path: str) -> Any:
    """Return what is at a path of a tree; None where it does not lead anywhere."""
    found: Any = tree
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found
