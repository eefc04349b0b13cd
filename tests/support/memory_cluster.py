"""An API server in memory, with what turns the objects in it: the stand-in controller, a kubelet
that starts pods after a moment, and a gateway that takes routes.

Controllers run one pass each time somebody reads an InferenceService, as if time passed then.
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from include.errors import BadInput, NotFound, ServingUnavailable
from include.serving.kserve.cluster import Outdated
from tests.support.kserve_controller import admission, settings
from tests.support.kserve_controller.reconciler import Reconciler
from tests.support.memory_objects import ControllerView, Object, Store, matching, unescaped

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS = ("metadata", "status", "kind", "apiVersion")


@dataclass
class Conduct:
    """How the cluster behaves.

    Attributes:
        start_seconds: How long pods take to start.
        broken: Storage URIs whose pods never become ready.
        forbidden: Rights that the driver's account lacks.
        paused: Whether the controller is away.
        down: Whether nobody answers.
        before_write: Called before each write of an InferenceService, once.
        dies_after: Writes after which the caller's process is gone; -1 for never.
    """

    start_seconds: float = 0.15
    broken: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    paused: bool = False
    down: bool = False
    before_write: Callable[[], None] | None = None
    dies_after: int = -1


class Killed(BaseException):
    """The process that wrote is gone."""


class MemoryCluster:
    """A cluster with KServe in Standard mode, as the driver sees it.

    Args:
        namespace: Where InferenceServices are.
    """

    def __init__(self, namespace: str = "models") -> None:
        self.namespace = namespace
        self.store = Store()
        self.conduct = Conduct()
        self.writes = 0
        self.said: list[str] = []
        self.began: dict[str, float] = {}
        self.history: list[Object] = []
        view: Any = ControllerView(self.store)
        self.controller = Reconciler(view, "kserve", self.said.append)
        self._found()

    def _found(self) -> None:
        own = settings.manifest("kserve", {})
        self.store.put("/api/v1/namespaces/kserve/configmaps/inferenceservice-config", own)
        manager = {
            "metadata": {
                "name": "kserve-controller-manager",
                "labels": {"app.kubernetes.io/version": "v0.21.0"},
            }
        }
        path = "/apis/apps/v1/namespaces/kserve/deployments/kserve-controller-manager"
        self.store.put(path, manager)
        runtime = {
            "metadata": {"name": "airworthy-model"},
            "spec": {"containers": [{"name": "kserve-container", "image": "serving:1"}]},
        }
        path = "/apis/serving.kserve.io/v1alpha1/clusterservingruntimes/airworthy-model"
        self.store.put(path, runtime)

    def path(self, name: str) -> str:
        base = f"/apis/serving.kserve.io/v1beta1/namespaces/{self.namespace}/inferenceservices"
        return f"{base}/{name}" if name else base

    def service(self, name: str) -> Object:
        return self.store.objects[self.path(name)]

    def meddle(self, name: str, spec: Object | None = None, **annotations: str) -> None:
        """Change an InferenceService as a person does with kubectl."""
        made = copy.deepcopy(self.service(name))
        made["spec"].update(spec or {})
        made["metadata"]["annotations"].update(annotations)
        if spec:
            owned = {f"f:{key}": {} for key in spec}
            entry = {
                "manager": "kubectl-edit", "operation": "Update", "time": "2026-01-01T00:00:00Z",
                "fieldsV1": {"f:spec": owned},
            }  # fmt: skip
            made["metadata"].setdefault("managedFields", []).append(entry)
        self.store.put(self.path(name), made)

    def pass_time(self) -> None:
        """Let controller, kubelet and gateway work once."""
        with self.store.lock:
            if not self.conduct.paused:
                for made in matching(self.store, self.path(""), ""):
                    self.controller.reconcile(self.namespace, made["metadata"]["name"])
            self._start_pods()
            self._take_routes()
            self.history.append(copy.deepcopy(self.store.objects))

    def _start_pods(self) -> None:
        for path, made in list(self.store.objects.items()):
            if "/deployments/" not in path or "/kserve/" in path:
                continue
            wanted, status = made["spec"].get("replicas", 1), made.get("status", {})
            source = made["spec"]["template"]["metadata"]["annotations"]
            uri = source.get("internal.serving.kserve.io/storage-initializer-sourceuri")
            there = status.get("availableReplicas", 0)
            began = self.began.setdefault(f"{path}:{max(wanted, there)}", time.monotonic())
            is_up = time.monotonic() - began >= self.conduct.start_seconds
            available = wanted if is_up or wanted <= there else there
            available = 0 if uri in self.conduct.broken else available
            status = {
                "observedGeneration": made["metadata"]["generation"], "replicas": wanted,
                "updatedReplicas": wanted, "availableReplicas": available,
                "conditions": [{"type": "Available", "status": str(available > 0)}],
            }  # fmt: skip
            self.store.put(path, {**made, "status": status}, is_spec=False)

    def _take_routes(self) -> None:
        for path, made in list(self.store.objects.items()):
            if "/httproutes/" not in path:
                continue
            seen = made["metadata"]["generation"]
            conditions = [
                {"type": kind, "status": "True", "observedGeneration": seen, "reason": kind}
                for kind in ("Accepted", "ResolvedRefs")
            ]
            status = {"parents": [{"conditions": conditions}]}
            self.store.put(path, {**made, "status": status}, is_spec=False)

    def get(self, path: str) -> str:
        self._check_up()
        path, _, query = path.partition("?")
        if "/inferenceservices" in path:
            self.pass_time()
        with self.store.lock:
            if path in self.store.objects:
                return json.dumps(self.store.objects[path])
            if path.endswith(("services", "deployments", "pods", "httproutes")):
                selector = parse_qs(query).get("labelSelector", [""])[0]
                return json.dumps({"items": matching(self.store, path, selector)})
        raise NotFound("nothing there", where=path)

    def apply(self, path: str, manifest: str) -> str:
        self._before_write()
        with self.store.lock:
            before = self.store.objects.get(path)
            wanted = json.loads(manifest)
            self._check_version(before, wanted["metadata"].get("resourceVersion"))
            made = copy.deepcopy(before or {"metadata": {"namespace": self.namespace}, "spec": {}})
            self._lay_over(made, wanted)
            return self._admitted(path, made, before)

    def _lay_over(self, made: Object, wanted: Object) -> None:
        """What we wrote before and leave out now goes; what is others' stays."""
        ours = made.get("spec", {}).get("predictor") or {}
        own = made["metadata"]
        former = own.pop("ours", {})
        for part in ("annotations", "labels"):
            kept = {k: v for k, v in (own.get(part) or {}).items() if k not in former.get(part, ())}
            own[part] = {**kept, **wanted["metadata"].get(part, {})}
        kept = {k: v for k, v in ours.items() if k not in former.get("predictor", ())}
        made["spec"] = {**wanted["spec"], "predictor": {**kept, **wanted["spec"]["predictor"]}}
        own["name"] = wanted["metadata"]["name"]
        own["ours"] = {
            "predictor": sorted(wanted["spec"]["predictor"]),
            "annotations": sorted(wanted["metadata"].get("annotations", {})),
            "labels": sorted(wanted["metadata"].get("labels", {})),
        }
        others = [one for one in own.get("managedFields", []) if one["manager"] != "airworthy"]
        entry = {"manager": "airworthy", "operation": "Apply", "fieldsV1": {"f:spec": {}}}
        own["managedFields"] = [*others, entry]

    def patch(self, path: str, operations: str) -> str:
        self._before_write()
        with self.store.lock:
            before = self.store.objects[path]
            made = copy.deepcopy(before)
            for one in json.loads(operations):
                *way, last = map(unescaped, one["path"].split("/")[1:])
                at = made
                for part in way:
                    at = at[part]
                if one["op"] == "remove":
                    del at[last]
                else:
                    at[last] = one["value"]
            self._check_version(before, made["metadata"]["resourceVersion"])
            return self._admitted(path, made, before)

    def create(self, path: str, manifest: str) -> str:
        self._check_up()
        wanted = json.loads(manifest)
        asked = wanted["spec"]["resourceAttributes"]
        may = f"{asked['verb']} {asked['resource']}" not in self.conduct.forbidden
        return json.dumps({**wanted, "status": {"allowed": may}})

    def delete(self, path: str) -> None:
        self._before_write()
        with self.store.lock:
            for at in [at for at in self.store.objects if at == path]:
                del self.store.objects[at]

    def close(self) -> None:
        pass

    def _admitted(self, path: str, made: Object, before: Object | None) -> str:
        try:
            made = admission.defaulted(made, settings.Settings())
            admission.validate(made, before)
        except admission.Refused as refused:
            raise BadInput(f'admission webhook "x" denied the request: {refused}') from refused
        told = json.dumps(self.store.put(path, made))
        self.writes += 1
        if self.conduct.dies_after == 0:
            self.conduct.dies_after = -1
            raise Killed
        self.conduct.dies_after -= self.conduct.dies_after > 0
        return told

    def _check_version(self, before: Object | None, version: str | None) -> None:
        there = before["metadata"]["resourceVersion"] if before else None
        if version is not None and version != there:
            raise Outdated("409: the object has been modified")

    def _before_write(self) -> None:
        self._check_up()
        hook, self.conduct.before_write = self.conduct.before_write, None
        if hook is not None:
            hook()

    def _check_up(self) -> None:
        if self.conduct.down:
            raise ServingUnavailable("the API server does not answer")
