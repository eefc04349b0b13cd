"""The two HTTPRoutes of a service, and whether one is as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.kserve_controller import cluster_api, names
from tests.support.kserve_controller.workloads import owner

if TYPE_CHECKING:
    from tests.support.kserve_controller.cluster_api import ClusterApi
    from tests.support.kserve_controller.settings import Settings

GROUP = "gateway.networking.k8s.io"


def routes(
    service: dict[str, Any], ready: dict[str, bool], settings: Settings
) -> list[dict[str, Any]]:
    """Return the predictor's and the top level route: their names survive a promotion."""
    name = service["metadata"]["name"]
    return [
        _route(service, route_name, backends(service, ready), settings)
        for route_name in (names.predictor(name), name)
    ]


def backends(service: dict[str, Any], ready: dict[str, bool]) -> list[dict[str, Any]]:
    """Return the backends: a canary that is not ready is left out, the stable one has the rest."""
    own, spec = service["metadata"], service["spec"]
    stable = _backend(own, spec["predictor"].get("name", ""))
    canaries = spec.get("canary") or []
    if not canaries:
        return [stable]
    present = [canary for canary in canaries if ready.get(canary["predictor"]["name"])]
    rest = 100 - sum(canary["trafficPercent"] for canary in present)
    return [
        {**stable, "weight": rest},
        *(
            {**_backend(own, one["predictor"]["name"]), "weight": one["trafficPercent"]}
            for one in present
        ),
    ]


def same(wanted: dict[str, Any], there: dict[str, Any]) -> bool:
    """Compare as KServe does: what is wanted must be there, more of it is no difference.

    A leftover weight of 100 on a single backend is none either; numbers of backends are compared.
    """
    sizes = [
        [len(rule.get("backendRefs", [])) for rule in route["spec"].get("rules", [])]
        for route in (wanted, there)
    ]
    handed_on = ("labels", "annotations")
    return (
        sizes[0] == sizes[1]
        and _covers(there["spec"], wanted["spec"])
        and all(
            _covers(there["metadata"].get(part, {}), wanted["metadata"][part]) for part in handed_on
        )
    )


def trouble(route: dict[str, Any]) -> tuple[str, str] | None:
    """Return reason and message of a route that no gateway serves as written."""
    parents = route.get("status", {}).get("parents", [])
    if not parents:
        return "ParentStatusNotAvailable", "HttpRouteNotReady"
    refused = (
        (condition.get("reason", ""), condition.get("message", ""))
        for parent in parents
        for condition in parent.get("conditions", [])
        if condition["status"] == "False"
    )
    return next(refused, None)


def _route(
    service: dict[str, Any], name: str, listed: list[dict[str, Any]], settings: Settings
) -> dict[str, Any]:
    own = service["metadata"]
    gateway_namespace, _, gateway = settings.gateway.partition("/")
    headers = [
        {"name": "KServe-Isvc-Name", "value": own["name"]},
        {"name": "KServe-Isvc-Namespace", "value": own["namespace"]},
    ]
    rule = {
        "matches": [{"path": {"type": "RegularExpression", "value": "^/.*$"}}],
        "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": headers}}],
        "backendRefs": listed,
        "timeouts": {"request": f"{service['spec']['predictor'].get('timeout', 60)}s"},
    }
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "HTTPRoute",
        "metadata": {
            "name": name,
            "namespace": own["namespace"],
            "labels": _shown(own.get("labels"), settings.hidden_labels),
            "annotations": _shown(own.get("annotations"), settings.hidden_annotations),
            "ownerReferences": [owner(service)],
        },
        "spec": {
            "hostnames": [settings.host(name, own["namespace"])],
            "parentRefs": [
                {"group": GROUP, "kind": "Gateway", "namespace": gateway_namespace, "name": gateway}
            ],
            "rules": [rule],
        },
    }


def _backend(own: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "kind": "Service",
        "name": names.predictor(own["name"], name),
        "namespace": own["namespace"],
        "port": 80,
    }


def _shown(values: dict[str, str] | None, hidden: tuple[str, ...]) -> dict[str, str]:
    return {key: value for key, value in (values or {}).items() if key not in hidden}


def _covers(there: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_covers(there.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(there, list)
            and len(there) == len(wanted)
            and all(map(_covers, there, wanted))
        )
    return bool(there == wanted)


def first_trouble(api: ClusterApi, wanted: list[dict[str, Any]]) -> tuple[str, str] | None:
    """Return what keeps the first of an InferenceService's two routes from being served."""
    for route, part in zip(wanted, ("Predictor", "InferenceService"), strict=True):
        own = route["metadata"]
        there = api.get(cluster_api.ROUTES, own["namespace"], own["name"])
        if there is None:
            return f"{part} Deployment NotReady", f"{part} HTTPRoute not created"
        if told := trouble(there):
            return told[0], f"{part} {told[1]}"
    return None
