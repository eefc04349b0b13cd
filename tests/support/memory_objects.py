"""Objects of an API server in memory, and the view of them that a controller has."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

from tests.support.kserve_controller.cluster_api import Rejected

if TYPE_CHECKING:
    from tests.support.kserve_controller.cluster_api import Kind

Object = dict[str, Any]


class Store:
    """Objects by path."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.version = 0
        self.lock = threading.RLock()

    def put(self, path: str, made: Object, *, is_spec: bool = True) -> Object:
        before = self.objects.get(path)
        made = copy.deepcopy(made)
        if before is not None and _without_version(before) == _without_version(made):
            return copy.deepcopy(before)
        self.version += 1
        own = made["metadata"]
        own["resourceVersion"] = str(self.version)
        own.setdefault("uid", before["metadata"]["uid"] if before else f"uid-{self.version}")
        was = before["metadata"]["generation"] if before else 0
        changed = before is None or before.get("spec") != made.get("spec")
        own["generation"] = was + 1 if changed and is_spec else was
        self.objects[path] = made
        return copy.deepcopy(made)


def unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _without_version(made: Object) -> Object:
    own = {k: v for k, v in made["metadata"].items() if k not in {"resourceVersion", "generation"}}
    return {**made, "metadata": own}


class ControllerView:
    """The store as the stand-in controller asks for it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        return copy.deepcopy(self.store.objects.get(kind.path(namespace, name)))

    def find(self, kind: Kind, namespace: str = "", selector: str = "") -> Object:
        return {"items": matching(self.store, kind.path(namespace), selector)}

    def create(self, kind: Kind, content: Object) -> Object:
        path = kind.path(content["metadata"].get("namespace", ""), content["metadata"]["name"])
        return self.store.put(path, content)

    def replace(self, kind: Kind, content: Object, *, part: str = "", dry: bool = False) -> Object:
        own = content["metadata"]
        path = kind.path(own.get("namespace", ""), own["name"])
        there = self.store.objects[path]
        if (
            own.get("resourceVersion", there["metadata"]["resourceVersion"])
            != there["metadata"]["resourceVersion"]
        ):
            raise Rejected(409, "the object has been modified")
        made = {**copy.deepcopy(there), "status": content["status"]} if part else content
        made = {**made, "status": made.get("status", there.get("status", {}))}
        return made if dry else self.store.put(path, made, is_spec=not part)

    def delete(self, kind: Kind, namespace: str, name: str) -> None:
        self.store.objects.pop(kind.path(namespace, name), None)


def matching(store: Store, path: str, selector: str) -> list[Object]:
    wanted = dict(part.split("=", 1) for part in selector.split(",") if "=" in part)
    keys = {part for part in selector.split(",") if part and "=" not in part}
    found = [
        made
        for at, made in store.objects.items()
        if at.rpartition("/")[0] == path
        and wanted.items() <= (made["metadata"].get("labels") or {}).items()
        and keys <= set(made["metadata"].get("labels") or {})
    ]
    return copy.deepcopy(found)
