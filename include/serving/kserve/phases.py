"""Since when a revision is there, and who serves it: what a source of evidence has to be told.

Nobody has to write it down. The API server keeps when the object and its routes were last written,
by a clock of its own, so that a watch that begins anew counts from the same instant.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from include.serving.kserve.installation import FIELD_MANAGER
from include.serving.kserve.naming import workload
from include.serving.kserve.reading import why_not_split
from include.serving.prometheus.phases import Arm, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.serving.endpoint import Variant
    from include.serving.kserve.objects import Metadata
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.standing import Standing

GRACE_SECONDS = 2.0
"""From the second in which a route was written until every gateway surely follows it."""


def watched(scene: Scene, standing: Standing, port: int) -> Phase | None:
    """Return the phase that is there; None while its split is not verified."""
    if scene.service is None or why_not_split(scene, standing.written):
        return None
    wanted = standing.record.wanted
    moments = [
        *_written(scene.service.metadata, ours=True),
        *(moment for route in scene.routes for moment in _written(route.metadata, ours=False)),
    ]
    return Phase(
        endpoint=wanted.name,
        revision=wanted.revision,
        since=max(moments, default=0.0) + GRACE_SECONDS,
        arms=tuple(_arm(scene, standing, variant, port) for variant in wanted.variants),
        namespace=scene.namespace,
        # The runtime names its servers after the InferenceService, which has no underscores.
        model=scene.name,
    )


def _written(metadata: Metadata, *, ours: bool) -> Iterator[float]:
    for owned in metadata.managed_fields:
        is_theirs = (owned.manager == FIELD_MANAGER) == ours and not owned.subresource
        if is_theirs and "f:spec" in owned.fields_v1 and owned.time:
            yield datetime.fromisoformat(owned.time).timestamp()


def _arm(scene: Scene, standing: Standing, variant: Variant, port: int) -> Arm:
    names = [one.name for one in standing.written.entries if one.variant == variant.name]
    service = workload(scene.name, names[0]) if names else ""
    addresses = tuple(
        f"http://{pod.status.pod_ip}:{port}"
        for pod in scene.pods
        if pod.metadata.labels.get("app") == f"isvc.{service}"
        and pod.status.pod_ip
        and not pod.metadata.deletion_timestamp
    )
    return Arm(variant.name, variant.version, variant.weight, service, addresses)
