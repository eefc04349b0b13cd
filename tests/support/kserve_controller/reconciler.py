"""One pass over an InferenceService, in the order in which KServe does it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.kserve_controller import (
    cluster_api,
    conditions,
    merging,
    names,
    replicas,
    routes,
    settings,
    workloads,
)
from tests.support.kserve_controller.cluster_api import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.kserve_controller.cluster_api import ClusterApi, Kind
    from tests.support.kserve_controller.conditions import Status
    from tests.support.kserve_controller.settings import Settings

# KServe looks again after this long where a route is not served yet.
LOOK_AGAIN = 1.0


@dataclass(frozen=True)
class Reconciler:
    """Brings what follows from InferenceServices about.

    Args:
        api: The API server.
        home: Namespace of the ConfigMap.
        instance: Name of this stand-in; a ConfigMap that it wrote carries it.
        say: Where a line about each change goes.
    """

    api: ClusterApi
    home: str = "kserve"
    instance: str = ""
    say: Callable[[str], None] = print

    def settings(self) -> Settings:
        """Read the ConfigMap; it may change, and another stand-in may take its own away."""
        found = self._config_map() or self.configure()
        return settings.read(found["data"])

    def configure(self) -> dict[str, Any]:
        """Write the ConfigMap of a cluster that has none; return the one that is there."""
        written = settings.manifest(self.home, {names.OURS: self.instance})
        try:
            return self._config_map() or self.api.create(cluster_api.CONFIG_MAPS, written)
        except Rejected as rejected:
            if rejected.status not in {404, 409}:
                raise
            return written

    def forget(self) -> None:
        """Take the ConfigMap away, if it is this stand-in's."""
        found = self._config_map()
        if found and (found["metadata"].get("labels") or {}).get(names.OURS) == self.instance:
            self._delete(cluster_api.CONFIG_MAPS, found)

    def _config_map(self) -> dict[str, Any] | None:
        return self.api.get(cluster_api.CONFIG_MAPS, self.home, settings.CONFIG_MAP)

    def reconcile(self, namespace: str, name: str) -> float:
        """Do one pass; return after how many seconds to look again, 0 for not before a change.

        Raises:
            Rejected: the API server refused something; the pass is repeated with back-off.
        """
        service = self.api.get(cluster_api.INFERENCE_SERVICES, namespace, name)
        if service is None or service["metadata"].get("deletionTimestamp"):
            return 0.0
        status = conditions.Status.of(service)
        annotations = service["metadata"].get("annotations") or {}
        if annotations.get(names.NO_AUTO_UPDATE) == "true" and status.is_true("Ready"):
            self.say(f"{name}: auto-update is disabled, nothing done")
            return 0.0
        read = self.settings()
        recorded = status.content.get("deploymentMode")
        mode = recorded or annotations.get(names.MODE, read.default_mode)
        if mode != "Standard":
            self.say(f"{name}: {mode} mode is not this stand-in's")
            return 0.0
        status.content["deploymentMode"] = mode
        again = self._components(service, status, read)
        self._write(service, status)
        return again

    def _components(self, service: dict[str, Any], status: Status, read: Settings) -> float:
        try:
            self._predictors(service, status, read)
        except workloads.Unbuildable as wrong:
            self.say(f"{service['metadata']['name']}: {wrong}")
            status.content["modelStatus"] = {
                "transitionStatus": "InvalidSpec",
                "states": {"activeModelState": "", "targetModelState": "FailedToLoad"},
                "lastFailureInfo": {"reason": "InvalidPredictorSpec", "message": str(wrong)},
            }
            return LOOK_AGAIN
        if names.is_stopped(service):
            return self._stopped(service, status)
        status.set("Stopped", "False")
        return self._ingress(service, status, read)

    def _stopped(self, service: dict[str, Any], status: Status) -> float:
        """Take the routes away; what the predictors had is gone already."""
        own = service["metadata"]
        status.stop()
        for name in (names.predictor(own["name"]), own["name"]):
            if there := self.api.get(cluster_api.ROUTES, own["namespace"], name):
                self._delete(cluster_api.ROUTES, there)
        return 0.0

    def _predictors(self, service: dict[str, Any], status: Status, read: Settings) -> None:
        """Reconcile the predictors: canaries, then orphans, then the stable one.

        Orphans go before any route is written: for that moment a route may name a Service that
        is gone.
        """
        spec = service["spec"]
        runtime = self._runtime(service, status)
        expected = {names.predictor(service["metadata"]["name"], spec["predictor"].get("name", ""))}
        for canary in spec.get("canary") or []:
            count = replicas.of_canary(spec, canary)
            merged = merging.canary_predictor(spec["predictor"], canary["predictor"], count)
            # Only its number of pods is the canary's own: the stable strategy is not taken over.
            merged.pop("deploymentStrategy", None)
            work = workloads.build(service, merged, runtime, read)
            self._workload(work)
            expected.add(work.name)
        ready = self._ready(service)
        conditions.canaries(status, spec, ready, is_stopped=names.is_stopped(service))
        self._remove_orphans(service, expected)
        stable = {**spec["predictor"], "minReplicas": replicas.of_stable(spec, ready)}
        if stable["minReplicas"] is None:
            del stable["minReplicas"]
        work = workloads.build(service, stable, runtime, read)
        deployment = self._workload(work)
        url = f"{read.scheme}://{read.host(work.name, service['metadata']['namespace'])}"
        conditions.predictor(status, deployment, url)
        conditions.model(status, self._pods(work))

    def _runtime(self, service: dict[str, Any], status: Status) -> dict[str, Any]:
        wanted = (service["spec"]["predictor"].get("model") or {}).get("runtime", "")
        namespace = service["metadata"]["namespace"]
        for kind, told in (
            (cluster_api.RUNTIMES, "servingRuntimeName"),
            (cluster_api.CLUSTER_RUNTIMES, "clusterServingRuntimeName"),
        ):
            if wanted and (found := self.api.get(kind, namespace, wanted)):
                status.content[told] = wanted
                runtime: dict[str, Any] = found["spec"]
                return runtime
        raise workloads.Unbuildable(
            f"No ServingRuntimes or ClusterServingRuntimes with the name: {wanted}"
        )

    def _workload(self, work: workloads.Workload) -> dict[str, Any]:
        """Bring Service, Deployment and autoscaler about; return the Deployment as it was found."""
        if work.meta["annotations"].get(names.STOP) == "true":
            return self._removed(work)
        self._service(work.service)
        deployment = self._deployment(work)
        self._autoscaler(work)
        return deployment

    def _removed(self, work: workloads.Workload) -> dict[str, Any]:
        for kind, wanted in (
            (cluster_api.SERVICES, work.service),
            (cluster_api.DEPLOYMENTS, work.deployment),
            (cluster_api.AUTOSCALERS, work.autoscaler),
        ):
            if there := self._there(kind, wanted):
                self._delete(kind, there)
        return {}

    def _service(self, wanted: dict[str, Any]) -> None:
        there = self._there(cluster_api.SERVICES, wanted)
        if there is None:
            self._create(cluster_api.SERVICES, wanted)
            return
        changed = copy.deepcopy(there)
        changed["spec"].update(selector=wanted["spec"]["selector"], ports=wanted["spec"]["ports"])
        tried = self.api.replace(cluster_api.SERVICES, changed, dry=True)
        if (tried["spec"]["ports"], tried["spec"]["selector"]) != (
            there["spec"]["ports"], there["spec"]["selector"],
        ):  # fmt: skip
            self._replace(cluster_api.SERVICES, changed)

    def _deployment(self, work: workloads.Workload) -> dict[str, Any]:
        wanted = work.deployment
        there = self._there(cluster_api.DEPLOYMENTS, wanted)
        if there is None:
            return self._create(cluster_api.DEPLOYMENTS, wanted)
        if "replicas" not in wanted["spec"]:
            wanted["spec"]["replicas"] = there["spec"].get("replicas", 1)
        # The API server fills its defaults in, so that only what really differs is a difference.
        tried = self.api.replace(cluster_api.DEPLOYMENTS, wanted, dry=True)
        if tried["spec"] != there["spec"]:
            self._replace(cluster_api.DEPLOYMENTS, wanted)
        return there

    def _autoscaler(self, work: workloads.Workload) -> None:
        wanted = work.autoscaler
        there = self._there(cluster_api.AUTOSCALERS, wanted)
        if work.autoscaler_class in {"none", "external"}:
            if there is not None:
                self._delete(cluster_api.AUTOSCALERS, wanted)
        elif there is None and work.autoscaler_class == "hpa":
            self._create(cluster_api.AUTOSCALERS, wanted)
        elif there is not None:
            tried = self.api.replace(cluster_api.AUTOSCALERS, wanted, dry=True)
            if tried["spec"] != there["spec"]:
                self._replace(cluster_api.AUTOSCALERS, wanted)

    def _ready(self, service: dict[str, Any]) -> dict[str, bool]:
        """Say which canaries are ready: one available pod is enough, also one of an older model."""
        own = service["metadata"]
        ready = {}
        for canary in service["spec"].get("canary") or []:
            name = canary["predictor"]["name"]
            found = self.api.get(
                cluster_api.DEPLOYMENTS, own["namespace"], names.predictor(own["name"], name)
            )
            ready[name] = bool(found and found.get("status", {}).get("availableReplicas", 0) > 0)
        return ready

    def _remove_orphans(self, service: dict[str, Any], expected: set[str]) -> None:
        """Delete Deployments, then Services, of predictors that are no more; autoscalers stay."""
        own = service["metadata"]
        selector = f"{names.INFERENCE_SERVICE}={own['name']},{names.COMPONENT}=predictor"
        for kind in (cluster_api.DEPLOYMENTS, cluster_api.SERVICES):
            for found in self.api.find(kind, own["namespace"], selector)["items"]:
                if found["metadata"]["name"] not in expected:
                    self._delete(kind, found)

    def _pods(self, work: workloads.Workload) -> list[dict[str, Any]]:
        selector = f"app={names.selector(work.name)}"
        found = self.api.find(cluster_api.PODS, str(work.meta["namespace"]), selector)
        return list(found["items"])

    def _ingress(self, service: dict[str, Any], status: Status, read: Settings) -> float:
        own = service["metadata"]
        is_local = (own.get("labels") or {}).get(names.VISIBILITY) == names.CLUSTER_LOCAL
        if read.has_routes and not is_local:
            ready = {one["name"]: one["ready"] for one in status.content.get("canaryStatuses", [])}
            wanted = routes.routes(service, ready, read)
            if status.is_true("PredictorReady"):
                for route in wanted:
                    self._route(route)
            if told := routes.first_trouble(self.api, wanted):
                status.set("IngressReady", "False", *told)
                return LOOK_AGAIN
        status.set("IngressReady", "True")
        status.content["url"] = f"{read.scheme}://{read.host(own['name'], own['namespace'])}"
        entry = names.predictor(own["name"], service["spec"]["predictor"].get("name", ""))
        address = f"http://{entry}.{own['namespace']}.svc.cluster.local"
        status.content["address"] = {"url": address}
        return 0.0

    def _route(self, wanted: dict[str, Any]) -> None:
        there = self._there(cluster_api.ROUTES, wanted)
        if there is None:
            self._create(cluster_api.ROUTES, wanted)
        elif not routes.same(wanted, there):
            wanted["metadata"]["resourceVersion"] = there["metadata"]["resourceVersion"]
            self._replace(cluster_api.ROUTES, wanted)

    def _write(self, service: dict[str, Any], status: Status) -> None:
        if status.content == service.get("status"):
            return
        changed = {**service, "status": status.content}
        self.api.replace(cluster_api.INFERENCE_SERVICES, changed, part="status")

    def _there(self, kind: Kind, wanted: dict[str, Any]) -> dict[str, Any] | None:
        return self.api.get(kind, wanted["metadata"]["namespace"], wanted["metadata"]["name"])

    def _create(self, kind: Kind, wanted: dict[str, Any]) -> dict[str, Any]:
        self.say(f"create {kind.plural}/{wanted['metadata']['name']}")
        return self.api.create(kind, wanted)

    def _replace(self, kind: Kind, wanted: dict[str, Any]) -> None:
        self.say(f"update {kind.plural}/{wanted['metadata']['name']}")
        self.api.replace(kind, wanted)

    def _delete(self, kind: Kind, found: dict[str, Any]) -> None:
        own = found["metadata"]
        self.say(f"delete {kind.plural}/{own['name']}")
        self.api.delete(kind, own["namespace"], own["name"])
