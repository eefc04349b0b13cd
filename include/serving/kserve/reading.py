"""What is really there: the test of four parts that a variant is live, and what is observed.

Neither ``Ready`` nor ``status.observedGeneration`` nor ``canaryStatuses[].ready`` of an
InferenceService says it: the first ignores canaries, the second is the stable Deployment's
(kserve/kserve#6081), the third is true for the pods of a former package.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from include.serving.endpoint import Health, Observation, VariantState
from include.serving.kserve.naming import route_names, workload
from include.serving.kserve.recipes import Sight
from include.serving.kserve.shape import ALL_TRAFFIC, Exposure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.serving.endpoint import Endpoint, Variant
    from include.serving.kserve.objects import Deployment, InferenceService, Pod, Route
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.shape import Entry, Shape

SOURCE = "internal.serving.kserve.io/storage-initializer-sourceuri"
_HOPELESS = {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName"}


def sight_of(scene: Scene, shape: Shape | None) -> Sight:
    """Return what a look shows of what an InferenceService says."""
    if shape is None:
        return Sight()
    ready = frozenset(entry.name for entry in shape.entries if is_rolled_out(scene, entry))
    return Sight(
        is_reconciled=scene.service is not None and _is_reconciled(scene.service, shape),
        weights=MappingProxyType({e.name: _most(scene, e) for e in shape.entries}),
        is_routed=any(
            weight for route in scene.routes for refs in _refs(route) for _, weight in refs
        ),
        is_split=why_not_split(scene, shape) == "",
        ready=ready,
    )


def is_rolled_out(scene: Scene, entry: Entry) -> bool:
    """Say whether every pod of a predictor serves the package that is written."""
    deployment = scene.deployment(workload(scene.name, entry.name))
    if deployment is None:
        return False
    status = deployment.status
    is_ours = deployment.spec.template.metadata.annotations.get(SOURCE) == entry.uri
    is_current = status.observed_generation == deployment.metadata.generation
    is_whole = status.replicas == status.updated_replicas
    enough = status.available_replicas >= max(1, min(entry.replicas, deployment.spec.replicas))
    return is_ours and is_current and is_whole and enough


def why_not_split(scene: Scene, shape: Shape) -> str:
    """Return what the routes still lack of the written split; empty where they have it."""
    service = scene.service
    if service is None or not _is_reconciled(service, shape):
        return "the controller has not read the change yet"
    wanted = {workload(scene.name, shape.stable.name): shape.stable_percent}
    wanted |= {workload(scene.name, canary.name): canary.percent for canary in shape.canaries}
    missing = set(route_names(scene.name)) - {route.metadata.name for route in scene.routes}
    if missing:
        return f"there is no route {' and no route '.join(sorted(missing))}"
    for route in scene.routes:
        fault = _fault(route, wanted)
        if fault:
            return f"route {route.metadata.name} {fault}"
    return ""


def observed(scene: Scene, wanted: Endpoint, shape: Shape, under_way: str) -> Observation:
    """Return an observation of a wanted state.

    Args:
        scene: What was read.
        wanted: The recorded wish.
        shape: What the InferenceService says.
        under_way: What is left to do until it says what is wanted; empty for nothing.
    """
    is_public = shape.exposure is Exposure.PUBLIC
    unsplit = under_way or (why_not_split(scene, shape) if is_public else "")
    states = tuple(_state(scene, variant, shape, unsplit) for variant in wanted.variants)
    return Observation(
        name=wanted.name,
        revision=wanted.revision,
        fencing_token=wanted.fencing_token,
        url=_url(scene),
        variants=states,
    )


def _state(scene: Scene, variant: Variant, shape: Shape, unsplit: str) -> VariantState:
    entry = next((one for one in shape.entries if one.variant == variant.name), None)
    name = workload(scene.name, entry.name) if entry else ""
    pods = tuple(pod for pod in scene.pods if pod.metadata.labels.get("app") == f"isvc.{name}")
    is_ready = entry is not None and is_rolled_out(scene, entry)
    health, told = _health(scene, entry, pods, shape)
    if is_ready and health is Health.READY and unsplit and not variant.weight:
        # Nothing is promised of a variant without traffic before the routes know it.
        health = Health.STARTING
    return VariantState(
        name=variant.name,
        version=variant.version,
        weight=variant.weight if is_ready and not unsplit else 0,
        health=health,
        url=f"http://{name}.{scene.namespace}.svc.cluster.local" if name else "",
        restarts=sum(_restarts(pod) for pod in pods),
        message="; ".join(part for part in (told, unsplit) if part),
    )


def _health(
    scene: Scene, entry: Entry | None, pods: tuple[Pod, ...], shape: Shape
) -> tuple[Health, str]:
    if entry is None:
        return Health.STARTING, "it is not written yet"
    if shape.exposure is Exposure.STOPPED:
        return Health.STOPPED, ""
    if is_rolled_out(scene, entry):
        return Health.READY, ""
    trouble = _trouble(pods)
    if trouble:
        return Health.UNHEALTHY, trouble
    deployment = scene.deployment(workload(scene.name, entry.name))
    return Health.STARTING, _progress(deployment) if deployment else "it has no Deployment yet"


def _progress(deployment: Deployment) -> str:
    stuck = [
        condition.message
        for condition in deployment.status.conditions
        if (condition.type, condition.status)
        in {("ReplicaFailure", "True"), ("Progressing", "False")}
    ]
    if stuck:
        return stuck[0]
    status = deployment.status
    return f"{status.available_replicas} of {deployment.spec.replicas} replica(s) available"


def _trouble(pods: tuple[Pod, ...]) -> str:
    for pod in pods:
        for container in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            waiting, last = container.state.waiting, container.last_state.terminated
            if waiting is not None and waiting.reason in _HOPELESS:
                ended = f" after {last.reason}" if last and last.reason else ""
                return f"{container.name}: {waiting.reason}{ended}: {waiting.message}"[:300]
        for condition in pod.status.conditions:
            if condition.type == "PodScheduled" and condition.status == "False":
                return f"no node takes it: {condition.message}"[:300]
    return ""


def _restarts(pod: Pod) -> int:
    containers = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    return sum(container.restart_count for container in containers)


def _is_reconciled(service: InferenceService, shape: Shape) -> bool:
    said = {(one.name, one.traffic_percent) for one in service.status.canary_statuses}
    return said == {(canary.name, canary.percent) for canary in shape.canaries}


def _most(scene: Scene, entry: Entry) -> int:
    name = workload(scene.name, entry.name)
    shares = [
        shares.get(name, 0) for route in scene.routes for shares in map(_shares, _refs(route))
    ]
    return max(shares, default=0)


def _refs(route: Route) -> tuple[tuple[tuple[str, int], ...], ...]:
    return tuple(
        tuple((ref.name, ref.weight) for ref in rule.backend_refs) for rule in route.spec.rules
    )


def _shares(refs: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    """Return the shares of a rule in percent; a weight is one of the sum of weights."""
    total = sum(weight for _, weight in refs)
    if not total:
        return dict.fromkeys((name for name, _ in refs), 0)
    # Rounded up: a share that is not nothing never reads as nothing.
    return {name: -(-ALL_TRAFFIC * weight // total) for name, weight in refs}


def _fault(route: Route, wanted: Mapping[str, int]) -> str:
    rules = _refs(route)
    if not rules:
        return "has no rule"
    for refs in rules:
        if _shares(refs) != dict(wanted):
            told = ", ".join(f"{name} {share} %" for name, share in _shares(refs).items())
            return f"says {told or 'nothing'}"
    return _why_not_accepted(route)


def _why_not_accepted(route: Route) -> str:
    conditions = [one for parent in route.status.parents for one in parent.conditions]
    if not conditions:
        return "is taken by no gateway yet"
    for condition in conditions:
        if condition.observed_generation != route.metadata.generation:
            return "has not been read by its gateway yet"
        if condition.status != "True":
            return f"is not {condition.type}: {condition.reason} {condition.message}".strip()
    return ""


def _url(scene: Scene) -> str:
    top = next((one for one in scene.routes if one.metadata.name == scene.name), None)
    if top is not None and top.spec.hostnames:
        return f"http://{top.spec.hostnames[0]}"
    return scene.service.status.url if scene.service else ""
