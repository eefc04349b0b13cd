"""The split of an endpoint for clusters that route with Istio and not by the Gateway API.

KServe splits canaries by HTTPRoutes alone. Where Istio routes, a VirtualService of our own gives
the same shares to the same Services; a DestinationRule each takes a pod that keeps failing out for
a while. Nobody applies them here: they are for whoever runs such a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include import digest
from include.errors import BadInput
from include.serving.kserve.naming import workload
from include.serving.kserve.shape import Exposure

if TYPE_CHECKING:
    from include.serving.kserve.shape import Entry, Shape

API_VERSION = "networking.istio.io/v1"


def manifests_of(
    service: str, namespace: str, shape: Shape, hosts: tuple[str, ...], gateways: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the VirtualService, and a DestinationRule for each predictor, as canonical JSON.

    Args:
        service: Name of the InferenceService.
        namespace: Where it is.
        shape: What it says.
        hosts: Hosts that callers name.
        gateways: Istio gateways that take them, ``namespace/name``.

    Raises:
        BadInput: nobody is to be reached, or by no host.
    """
    if shape.exposure is not Exposure.PUBLIC or not hosts:
        raise BadInput(
            "nothing to route",
            where=f"InferenceService {namespace}/{service}",
            remedy="Give a host, and a version with traffic",
        )
    routed = [
        {
            "destination": {
                "host": _host(service, namespace, entry),
                "port": {"number": 80},
            },
            "weight": shape.stable_percent if entry == shape.stable else entry.percent,
        }
        for entry in shape.entries
    ]
    virtual = _object("VirtualService", service, {
        "hosts": list(hosts),
        "gateways": list(gateways) or ["mesh"],
        # A try again would hide a failing canary from whoever counts.
        "http": [{"name": "predict", "route": routed, "retries": {"attempts": 0}}],
    })  # fmt: skip
    return (virtual, *(_rule(service, namespace, entry) for entry in shape.entries))


def _rule(service: str, namespace: str, entry: Entry) -> str:
    ejected = {"consecutive5xxErrors": 5, "interval": "5s", "baseEjectionTime": "30s"}
    return _object("DestinationRule", workload(service, entry.name), {
        "host": _host(service, namespace, entry),
        # Half of the pods stay whatever they answer: one alone is never taken out.
        "trafficPolicy": {"outlierDetection": {**ejected, "maxEjectionPercent": 50}},
    })  # fmt: skip


def _host(service: str, namespace: str, entry: Entry) -> str:
    return f"{workload(service, entry.name)}.{namespace}.svc.cluster.local"


def _object(kind: str, name: str, spec: dict[str, Any]) -> str:
    return digest.canonical({
        "apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec
    }).decode()  # fmt: skip
