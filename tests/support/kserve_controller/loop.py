"""What wakes the reconciler: changes of InferenceServices and of what belongs to them."""

from __future__ import annotations

import heapq
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.kserve_controller import cluster_api, names
from tests.support.kserve_controller.cluster_api import ClusterApi, Kind, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.kserve_controller.behaviour import Orders
    from tests.support.kserve_controller.reconciler import Reconciler

WATCHED = (
    cluster_api.INFERENCE_SERVICES,
    cluster_api.DEPLOYMENTS,
    cluster_api.SERVICES,
    cluster_api.ROUTES,
)
LONGEST_WAIT = 5.0
Key = tuple[str, str]


@dataclass
class Queue:
    """Keys by the moment at which they are due; a key is in it once, at its earliest moment."""

    _due: dict[Key, float] = field(default_factory=dict)
    _heap: list[tuple[float, Key]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, key: Key, after: float = 0.0) -> None:
        moment = time.monotonic() + after
        with self._changed:
            if self._due.get(key, moment + 1) > moment:
                self._due[key] = moment
                heapq.heappush(self._heap, (moment, key))
                self._changed.notify()

    def take(self, patience: float) -> Key | None:
        """Return the next key that is due, or nothing after this many seconds."""
        deadline = time.monotonic() + patience
        with self._changed:
            while (now := time.monotonic()) < deadline:
                if self._heap and self._heap[0][0] <= now:
                    moment, key = heapq.heappop(self._heap)
                    if self._due.get(key) == moment:
                        del self._due[key]
                        return key
                    continue
                next_one = self._heap[0][0] if self._heap else deadline
                self._changed.wait(max(0.0, min(next_one, deadline) - now))
        return None


@dataclass
class Loop:
    """Watches, and reconciles one InferenceService after another.

    Args:
        api: The API server.
        reconciler: Does a pass.
        selector: Label ``key=value`` of the namespaces that are this stand-in's.
        orders: What tests tell it to do wrong.
    """

    api: ClusterApi
    reconciler: Reconciler
    selector: str
    orders: Orders
    say: Callable[[str], None] = print

    def __post_init__(self) -> None:
        self._queue = Queue()
        self._failures: Counter[Key] = Counter()
        self._namespaces: set[str] = set()
        self._over = threading.Event()
        self._configured = 0.0

    def run(self) -> None:
        """Work until `stop` is called."""
        for kind in (cluster_api.NAMESPACES, *WATCHED):
            threading.Thread(target=self._watch, args=(kind,), daemon=True).start()
        while not self._over.is_set():
            self._keep_configured()
            key = self._queue.take(0.2)
            if key is not None and key[0] in self._namespaces:
                self._pass(key)

    def stop(self) -> None:
        self._over.set()

    def _keep_configured(self) -> None:
        if time.monotonic() < self._configured + 1.0:
            return
        self._configured = time.monotonic()
        try:
            self.reconciler.configure()
        except (Rejected, httpx.HTTPError) as failed:
            self.say(f"the ConfigMap: {failed or type(failed).__name__}")

    def _pass(self, key: Key) -> None:
        told = self.orders.read()
        if told.paused:
            self._queue.put(key, 0.1)
            return
        time.sleep(told.delay)
        try:
            again = self.reconciler.reconcile(*key)
        except (Rejected, httpx.HTTPError) as failed:
            self._failures[key] += 1
            self.say(f"{key[1]}: {failed}; again")
            self._queue.put(key, min(0.05 * 2.0 ** self._failures[key], LONGEST_WAIT))
            return
        self._failures.pop(key, None)
        if again:
            self._queue.put(key, again)

    def _watch(self, kind: Kind) -> None:
        while not self._over.is_set():
            try:
                listed = self.api.find(kind)
                for item in listed["items"]:
                    self._seen(kind, item)
                for item in self.api.watch(kind, listed["metadata"]["resourceVersion"]):
                    self._seen(kind, item)
            except (Rejected, httpx.HTTPError) as broken:
                self.say(f"watching {kind.plural}: {broken or type(broken).__name__}; again")
                time.sleep(0.5)

    def _seen(self, kind: Kind, item: dict[str, Any]) -> None:
        own = item["metadata"]
        labels = own.get("labels") or {}
        if kind is cluster_api.NAMESPACES:
            self._namespace(own["name"], labels)
        elif kind is cluster_api.INFERENCE_SERVICES:
            self._queue.put((own["namespace"], own["name"]))
        elif kind is cluster_api.ROUTES:
            for owner in own.get("ownerReferences", []):
                if owner["kind"] == "InferenceService":
                    self._queue.put((own["namespace"], owner["name"]))
        elif names.INFERENCE_SERVICE in labels:
            self._queue.put((own["namespace"], labels[names.INFERENCE_SERVICE]))

    def _namespace(self, name: str, labels: dict[str, str]) -> None:
        key, _, value = self.selector.partition("=")
        if labels.get(key) != value:
            self._namespaces.discard(name)
        elif name not in self._namespaces:
            self._namespaces.add(name)
            for item in self.api.find(cluster_api.INFERENCE_SERVICES, name)["items"]:
                self._queue.put((name, item["metadata"]["name"]))
