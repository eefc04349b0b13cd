"""Reading what preflight has to know: KServe's configuration, its version, our rights, the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from include.errors import Forbidden, NotFound
from include.serving.kserve import rendering
from include.serving.kserve.cluster import ACCESS, APPS, CORE, SERVICES, collection, member
from include.serving.kserve.objects import (
    ConfigMap,
    Deployment,
    InferenceServices,
    Review,
    at,
    read,
)
from include.serving.kserve.preflight import Facts

if TYPE_CHECKING:
    from include.serving.kserve.cluster import Cluster
    from include.serving.kserve.installation import Installation
    from include.serving.kserve.objects import InferenceService
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.shape import Shape

CONFIGURATION, MANAGER = "inferenceservice-config", "kserve-controller-manager"
RIGHTS = (
    ("serving.kserve.io", "inferenceservices", ("get", "list", "create", "patch")),
    ("gateway.networking.k8s.io", "httproutes", ("get",)),
    ("apps", "deployments", ("list",)),
    ("", "pods", ("list",)),
    ("policy", "poddisruptionbudgets", ("get", "create", "patch", "delete")),
)
"""What the account of workers and triggerer needs in the namespace of the InferenceServices."""


def facts_of(
    cluster: Cluster, installation: Installation, scene: Scene, present: Shape | None
) -> Facts:
    """Return what preflight has to know.

    Raises:
        ServingUnavailable: the API server does not answer.
        Forbidden: KServe's configuration must not be read.
    """
    path = collection(SERVICES, installation.namespace, "inferenceservices")
    missing = _missing(cluster, installation.namespace)
    try:
        services = read(InferenceServices, cluster.get(path), path).items
    except NotFound:
        return Facts(has_kserve=False)
    except Forbidden:
        services = ()
    facts = replace(
        _configured(cluster, installation.kserve_namespace),
        version=installation.kserve_version or _version(cluster, installation.kserve_namespace),
        others=MappingProxyType({one.metadata.name: _predictors(one) for one in services}),
        missing_rights=missing,
    )
    return _with_object(facts, scene.service, present)


def _configured(cluster: Cluster, namespace: str) -> Facts:
    path = member(CORE, namespace, "configmaps", CONFIGURATION)
    try:
        told = read(ConfigMap, cluster.get(path), path)
    except NotFound:
        return Facts()
    ingress = _json(told, "ingress")
    services = _json(told, "inferenceService")
    return Facts(
        has_gateway_api=ingress.get("enableGatewayApi") is True,
        has_ingress=ingress.get("disableIngressCreation") is not True,
        domain=str(ingress.get("ingressDomain", "")),
        not_handed_on=frozenset(services.get("serviceAnnotationDisallowedList") or ()),
    )


def _json(told: ConfigMap, key: str) -> dict[str, Any]:
    try:
        found = json.loads(told.data.get(key, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _version(cluster: Cluster, namespace: str) -> str:
    path = member(APPS, namespace, "deployments", MANAGER)
    try:
        manager = read(Deployment, cluster.get(path), path)
    except (NotFound, Forbidden):
        return ""
    labelled = manager.metadata.labels.get("app.kubernetes.io/version", "")
    images = [one.image for one in manager.spec.template.spec.containers]
    return labelled or next((image.rpartition(":")[2] for image in images if ":" in image), "")


def _missing(cluster: Cluster, namespace: str) -> tuple[str, ...]:
    missing = []
    for group, resource, verbs in RIGHTS:
        for verb in verbs:
            asked = {
                "group": group, "resource": resource, "verb": verb, "namespace": namespace
            }  # fmt: skip
            review = {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": asked},
            }
            answer = read(Review, cluster.create(ACCESS, json.dumps(review)), ACCESS)
            if not answer.status.allowed:
                missing.append(f"{verb} {resource} in {namespace}")
    return tuple(missing)


def _with_object(facts: Facts, live: InferenceService | None, present: Shape | None) -> Facts:
    if live is None or present is None:
        return facts
    spec, annotations = live.spec, live.metadata.annotations
    is_local = live.metadata.labels.get(rendering.VISIBILITY) == "cluster-local"
    return replace(
        facts,
        is_local=is_local and rendering.labels(present) == {},
        has_transformer=bool(spec.get("transformer") or spec.get("explainer")),
        autoscaler=annotations.get(rendering.AUTOSCALER, ""),
        is_frozen=annotations.get(rendering.NO_UPDATE) == "true",
        strange_canaries=tuple(
            str(at(entry, "predictor", "name"))
            for entry in spec.get("canary") or ()
            if not at(entry, "predictor", "labels", rendering.VARIANT)
        ),
    )


def _predictors(live: InferenceService) -> tuple[str, ...]:
    entries = [live.spec.get("predictor") or {}]
    entries += [at(entry, "predictor") or {} for entry in live.spec.get("canary") or ()]
    return tuple(str(entry.get("name") or "") for entry in entries)
