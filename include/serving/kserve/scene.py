"""Everything that was read of one InferenceService at one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import NotFound
from include.serving.kserve.cluster import APPS, CORE, ROUTES, SERVICES, collection, member
from include.serving.kserve.naming import route_names
from include.serving.kserve.objects import Deployments, InferenceService, Pods, Route, read

if TYPE_CHECKING:
    from include.serving.kserve.cluster import Cluster
    from include.serving.kserve.objects import Deployment, Pod


@dataclass(frozen=True)
class Scene:
    """One look.

    Attributes:
        name: Name of the InferenceService.
        namespace: Where it is.
        service: It; None where there is none.
        deployments: Those of its predictors.
        routes: Those of the two that are there.
        pods: Those of its predictors.
    """

    name: str
    namespace: str
    service: InferenceService | None
    deployments: tuple[Deployment, ...] = ()
    routes: tuple[Route, ...] = ()
    pods: tuple[Pod, ...] = ()

    @property
    def where(self) -> str:
        """The object as people name it."""
        return f"InferenceService {self.namespace}/{self.name}"

    def deployment(self, name: str) -> Deployment | None:
        """Return a Deployment by its name."""
        return next((one for one in self.deployments if one.metadata.name == name), None)


def look(cluster: Cluster, namespace: str, name: str) -> Scene:
    """Read an InferenceService, and what the controller made of it after that."""
    service = _service(cluster, namespace, name)
    if service is None:
        return Scene(name, namespace, None)
    deployments = collection(APPS, namespace, "deployments", name)
    pods = collection(CORE, namespace, "pods", name)
    return Scene(
        name=name,
        namespace=namespace,
        service=service,
        deployments=read(Deployments, cluster.get(deployments), deployments).items,
        routes=_routes(cluster, namespace, name),
        pods=read(Pods, cluster.get(pods), pods).items,
    )


def _service(cluster: Cluster, namespace: str, name: str) -> InferenceService | None:
    path = member(SERVICES, namespace, "inferenceservices", name)
    try:
        return read(InferenceService, cluster.get(path), path)
    except NotFound:
        return None


def _routes(cluster: Cluster, namespace: str, name: str) -> tuple[Route, ...]:
    found = []
    for route in route_names(name):
        path = member(ROUTES, namespace, "httproutes", route)
        try:
            found.append(read(Route, cluster.get(path), path))
        except NotFound:
            continue
    return tuple(found)
