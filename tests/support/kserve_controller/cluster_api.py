"""The API server over HTTP, for the few kinds that the stand-in reads and writes."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from kubernetes.client import Configuration
from kubernetes.config import load_kube_config

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Kind:
    """Where the objects of a kind are found."""

    group: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "") -> str:
        within = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.group}{within}/{self.plural}" + (f"/{name}" if name else "")


SERVICES = Kind("/api/v1", "services")
PODS = Kind("/api/v1", "pods")
CONFIG_MAPS = Kind("/api/v1", "configmaps")
NAMESPACES = Kind("/api/v1", "namespaces", namespaced=False)
DEPLOYMENTS = Kind("/apis/apps/v1", "deployments")
AUTOSCALERS = Kind("/apis/autoscaling/v2", "horizontalpodautoscalers")
ROUTES = Kind("/apis/gateway.networking.k8s.io/v1", "httproutes")
INFERENCE_SERVICES = Kind("/apis/serving.kserve.io/v1beta1", "inferenceservices")
RUNTIMES = Kind("/apis/serving.kserve.io/v1alpha1", "servingruntimes")
CLUSTER_RUNTIMES = Kind("/apis/serving.kserve.io/v1alpha1", "clusterservingruntimes", False)
VALIDATING = Kind("/apis/admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", False)
MUTATING = Kind("/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", False)


class Rejected(Exception):
    """The API server said no.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class ClusterApi:
    """Reads and writes objects as the API server has them.

    Args:
        kubeconfig: Path of a kubeconfig; its current context is used.
    """

    def __init__(self, kubeconfig: str) -> None:
        self._configuration = Configuration()
        load_kube_config(kubeconfig, client_configuration=self._configuration)
        trust = ssl.create_default_context(cafile=self._configuration.ssl_ca_cert)
        if self._configuration.cert_file:
            trust.load_cert_chain(self._configuration.cert_file, self._configuration.key_file)
        self._client = httpx.Client(
            base_url=self._configuration.host, verify=trust, timeout=20, trust_env=False
        )

    @property
    def host(self) -> str:
        return str(self._client.base_url.host)

    def close(self) -> None:
        self._client.close()

    def get(self, kind: Kind, namespace: str, name: str) -> dict[str, Any] | None:
        """Return an object, or nothing where there is none."""
        try:
            return self._send("GET", kind.path(namespace, name))
        except Rejected as rejected:
            if rejected.status == 404:
                return None
            raise

    def find(self, kind: Kind, namespace: str = "", selector: str = "") -> dict[str, Any]:
        """Return the list of objects with these labels."""
        return self._send("GET", kind.path(namespace), params={"labelSelector": selector})

    def create(self, kind: Kind, content: dict[str, Any]) -> dict[str, Any]:
        path = kind.path(content["metadata"].get("namespace", ""))
        return self._send("POST", path, content)

    def replace(
        self, kind: Kind, content: dict[str, Any], *, part: str = "", dry: bool = False
    ) -> dict[str, Any]:
        """Put an object, or its `status`, in the place of the one there."""
        own = content["metadata"]
        path = kind.path(own.get("namespace", ""), own["name"]) + (f"/{part}" if part else "")
        return self._send("PUT", path, content, {"dryRun": "All"} if dry else {})

    def delete(self, kind: Kind, namespace: str, name: str) -> None:
        """Delete an object; one that is gone already is no error."""
        try:
            self._send("DELETE", kind.path(namespace, name))
        except Rejected as rejected:
            if rejected.status != 404:
                raise

    def watch(self, kind: Kind, version: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a kind that change after a version, for half a minute at most."""
        params = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "30"}
        with self._client.stream(
            "GET", kind.path(), params=params, headers=self._credentials(), timeout=40
        ) as answer:
            for line in answer.iter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise Rejected(event["object"].get("code", 500), str(event["object"]))
                yield event["object"]

    def _send(
        self,
        method: str,
        path: str,
        content: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
        kind_of: str = "application/json",
    ) -> dict[str, Any]:
        headers = {**self._credentials(), "content-type": kind_of}
        body = json.dumps(content) if content is not None else None
        answer = self._client.request(method, path, content=body, params=params, headers=headers)
        if not answer.is_success:
            raise Rejected(answer.status_code, _message(answer))
        found: dict[str, Any] = answer.json()
        return found

    def _credentials(self) -> dict[str, str]:
        # Some kubeconfigs fetch a token anew when the old one has run out.
        token = self._configuration.get_api_key_with_prefix("authorization")
        return {"authorization": token} if token else {}


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("message", answer.text))
    except ValueError:
        return answer.text
