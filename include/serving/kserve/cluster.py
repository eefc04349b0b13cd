"""What the driver needs of a Kubernetes API server; texts are JSON."""

from __future__ import annotations

from typing import Protocol

from include.errors import Conflict

SERVICES = "/apis/serving.kserve.io/v1beta1"
ROUTES = "/apis/gateway.networking.k8s.io/v1"
APPS = "/apis/apps/v1"
CORE = "/api/v1"
POLICY = "/apis/policy/v1"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
EXTENSIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Outdated(Conflict):
    """Somebody wrote the object after we read it: read it again and plan anew."""


class Cluster(Protocol):
    """An API server. Overload and outages are waited out within a budget.

    Every method raises:
        NotFound: nothing is there.
        BadInput: the server refuses what was sent, for good.
        Forbidden: the credentials are not good, or lack the right.
        ServingUnavailable: the server did not answer within the budget.
    """

    def get(self, path: str) -> str:
        """Return an object or a list."""

    def apply(self, path: str, manifest: str) -> str:
        """Apply a manifest as our field manager, over other managers' fields, and return it.

        Raises:
            Outdated: the manifest names another resource version than there is.
        """

    def patch(self, path: str, operations: str) -> str:
        """Change an object by JSON Patch, and return it.

        Raises:
            Outdated: a test of the patch does not hold.
        """

    def create(self, path: str, manifest: str) -> str:
        """Create an object and return it.

        Raises:
            Outdated: it is there already.
        """

    def delete(self, path: str) -> None:
        """Delete an object; gone is gone."""

    def close(self) -> None:
        """Close the connections."""


def collection(group: str, namespace: str, plural: str, owner: str = "") -> str:
    """Return the path of a list; with ``owner`` only what belongs to that InferenceService."""
    path = f"{group}/namespaces/{namespace}/{plural}"
    return f"{path}?labelSelector=serving.kserve.io%2Finferenceservice%3D{owner}" if owner else path


def member(group: str, namespace: str, plural: str, name: str) -> str:
    """Return the path of one object; names are DNS labels, so nothing has to be quoted."""
    return f"{collection(group, namespace, plural)}/{name}"
