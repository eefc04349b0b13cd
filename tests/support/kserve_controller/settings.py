"""The ConfigMap ``inferenceservice-config``: what a cluster's administrator decides."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from include.serving.kserve.records import KEYS

CONFIG_MAP = "inferenceservice-config"
# Annotations that KServe never hands on; every other one of an InferenceService reaches its pods'
# template, so that changing it starts all of them anew.
NEVER_HANDED_ON = (
    "autoscaling.knative.dev/min-scale",
    "autoscaling.knative.dev/max-scale",
    "internal.serving.kserve.io/storage-initializer-sourceuri",
    "kubectl.kubernetes.io/last-applied-configuration",
    "modelFormat",
)


@dataclass(frozen=True)
class Settings:
    """What of it matters to a canary in Standard mode."""

    default_mode: str = "Standard"
    gateway_api: bool = True
    gateway: str = "kserve/kserve-ingress-gateway"
    domain: str = "example.com"
    domain_template: str = "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}"
    scheme: str = "http"
    no_ingress: bool = False
    hidden_annotations: tuple[str, ...] = NEVER_HANDED_ON
    hidden_labels: tuple[str, ...] = ("networking.knative.dev/visibility",)

    def host(self, name: str, namespace: str) -> str:
        """Return the host of a route."""
        values = {"Name": name, "Namespace": namespace, "IngressDomain": self.domain}
        return re.sub(
            r"\{\{\s*\.(\w+)\s*\}\}", lambda found: values[found[1]], self.domain_template
        )

    @property
    def has_routes(self) -> bool:
        """Say whether services that are not cluster-local get HTTPRoutes."""
        return self.gateway_api and not self.no_ingress and self.domain != "svc.cluster.local"


def read(data: dict[str, str]) -> Settings:
    """Read the ConfigMap's data; what it does not say is as KServe has it in its own manifests."""
    parts: dict[str, dict[str, Any]] = {
        name: json.loads(data.get(name, "{}")) for name in ("deploy", "ingress", "inferenceService")
    }
    ingress, services = parts["ingress"], parts["inferenceService"]
    return Settings(
        default_mode=parts["deploy"].get("defaultDeploymentMode", "Knative"),
        gateway_api=ingress.get("enableGatewayApi", False),
        gateway=ingress.get("kserveIngressGateway", ""),
        domain=ingress.get("ingressDomain", "example.com"),
        domain_template=ingress.get("domainTemplate", Settings.domain_template),
        scheme=ingress.get("urlScheme", "http"),
        no_ingress=ingress.get("disableIngressCreation", False),
        hidden_annotations=(
            *NEVER_HANDED_ON,
            *services.get("serviceAnnotationDisallowedList", ()),
        ),
        hidden_labels=(*Settings.hidden_labels, *services.get("serviceLabelDisallowedList", ())),
    )


def manifest(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return the ConfigMap of a cluster with a canary: Standard mode, Gateway API."""
    default = Settings()
    ingress = {
        "enableGatewayApi": True,
        "kserveIngressGateway": default.gateway,
        "ingressGateway": "none/none",
        "ingressDomain": default.domain,
        "domainTemplate": default.domain_template,
        "urlScheme": default.scheme,
        "disableIstioVirtualHost": True,
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": CONFIG_MAP, "namespace": namespace, "labels": labels},
        "data": {
            "deploy": json.dumps({"defaultDeploymentMode": default.default_mode}),
            "ingress": json.dumps(ingress),
            "inferenceService": json.dumps({"serviceAnnotationDisallowedList": list(KEYS)}),
        },
    }
