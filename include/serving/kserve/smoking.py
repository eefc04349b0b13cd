"""Asking one predictor by its own Service, whatever its share of the traffic."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from include.errors import ServingUnavailable
from include.serving.endpoint import SmokeAnswer
from include.serving.faults import UnknownEndpoint
from include.serving.kserve.naming import workload

if TYPE_CHECKING:
    from include.serving.kserve.installation import Installation
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.shape import Shape

_TIMEOUT = httpx.Timeout(15.0, connect=3.0)


def smoke(
    installation: Installation, scene: Scene, shape: Shape, variant: str, request_json: str
) -> SmokeAnswer:
    """Send a request to a variant and return what it answered, an error too.

    Raises:
        BadInput: no such variant.
        ServingUnavailable: nobody answers.
    """
    address = f"{_address(installation, scene, shape, variant)}"
    url = address + installation.smoke_path.format(name=scene.name)
    started = time.perf_counter()
    try:
        with httpx.Client(timeout=_TIMEOUT, trust_env=False) as client:
            response = client.post(
                url, content=request_json, headers={"content-type": "application/json"}
            )
    except httpx.HTTPError as lost:
        raise ServingUnavailable(
            f"{variant} does not answer: {str(lost) or type(lost).__name__}",
            where=url,
            remedy="Is it ready, and does a network policy let this namespace in?",
        ) from lost
    latency = (time.perf_counter() - started) * 1000
    return SmokeAnswer(response.status_code, latency, response.text)


def _address(installation: Installation, scene: Scene, shape: Shape, variant: str) -> str:
    entry = next((one for one in shape.entries if one.variant == variant), None)
    if entry is None:
        raise UnknownEndpoint("no such variant", where=scene.where, value=variant)
    service = workload(scene.name, entry.name)
    template = installation.smoke_address
    return template.format(
        service=service,
        namespace=scene.namespace,
        pod_ip=_pod_ip(scene, service) if "{pod_ip}" in template else "",
    ).rstrip("/")


def _pod_ip(scene: Scene, service: str) -> str:
    ready = [
        pod.status.pod_ip
        for pod in scene.pods
        if pod.metadata.labels.get("app") == f"isvc.{service}"
        and all(container.ready for container in pod.status.container_statuses)
        and not pod.metadata.deletion_timestamp
    ]
    if not any(ready):
        raise ServingUnavailable("no pod of it is ready", where=f"{scene.namespace}/{service}")
    return next(ip for ip in ready if ip)
