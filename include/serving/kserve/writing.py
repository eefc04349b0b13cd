"""Writing the next step of an InferenceService, with what we keep on it, in one write.

Every write names the version of the object that it follows, so that nothing is written over what
was not seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include.serving.kserve import preflight, rendering
from include.serving.kserve.budget import keep_budget
from include.serving.kserve.cluster import SERVICES, member
from include.serving.kserve.facts import facts_of
from include.serving.kserve.installation import FIELD_MANAGER
from include.serving.kserve.objects import InferenceService, read
from include.serving.kserve.reading import sight_of
from include.serving.kserve.recipes import next_step
from include.serving.kserve.records import MOST_RETIRED, Record
from include.serving.kserve.wanting import goal_of

if TYPE_CHECKING:
    from include.serving.endpoint import Endpoint
    from include.serving.kserve.cluster import Cluster
    from include.serving.kserve.installation import Installation
    from include.serving.kserve.ledger import Manifests
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.shape import Shape
    from include.serving.kserve.standing import Standing


@dataclass(frozen=True)
class Progress:
    """What became of one step: something was written, or has to be waited for, or all is done."""

    is_written: bool = False
    wait: str = ""


class Writer:
    """Does the next step of an endpoint.

    Args:
        cluster: The API server.
        installation: Where InferenceServices are, and what serves them.
        manifests: Where the manifest of each step is kept; None for nowhere.
    """

    def __init__(
        self, cluster: Cluster, installation: Installation, manifests: Manifests | None
    ) -> None:
        self._cluster = cluster
        self._installation = installation
        self._manifests = manifests

    def begin(self, scene: Scene, wanted: Endpoint) -> Progress:
        """Create the InferenceService, if anything is wanted of it."""
        goal = goal_of(wanted, None, (), self._installation)
        shape = next_step(None, goal, sight_of(scene, None)).write
        if shape is None:
            return Progress()
        self._check(scene, None, shape)
        self._write(scene, shape, Record(wanted, rendering.spec_of(shape)), None)
        return Progress(is_written=True)

    def go_on(
        self, scene: Scene, standing: Standing, wanted: Endpoint, *, is_news: bool
    ) -> Progress:
        """Do the next step from where the endpoint stands; the first one records the wish."""
        record, present = standing.record, standing.present
        goal = goal_of(wanted, present, record.retired, self._installation)
        step = next_step(present, goal, sight_of(scene, present))
        if step.write is None and not is_news and not standing.foreign:
            return Progress(wait=step.wait)
        shape = step.write or present
        self._check(scene, present, shape)
        if standing.foreign:
            scene = self._take_back(scene, shape)
        self._write(scene, shape, _following(standing, wanted, shape, is_news=is_news), record)
        return Progress(is_written=True)

    def check_possible(self, standing: Standing | None, wanted: Endpoint) -> None:
        """Let pass what predictors can be made of.

        Raises:
            BadInput: none can.
        """
        present = standing.present if standing else None
        goal_of(wanted, present, standing.record.retired if standing else (), self._installation)

    def left(self, scene: Scene, standing: Standing) -> str:
        """Return what is left to do until what is wanted is written; empty for nothing."""
        record, present = standing.record, standing.present
        goal = goal_of(record.wanted, present, record.retired, self._installation)
        step = next_step(present, goal, sight_of(scene, present))
        return step.wait or ("a change is under way" if step.write else "")

    def _check(self, scene: Scene, present: Shape | None, shape: Shape) -> None:
        """Let pass a step that adds nobody, or adds somebody who can be served here."""
        known = {entry.name for entry in present.entries} if present else set()
        if any(entry.name not in known for entry in shape.entries):
            facts = facts_of(self._cluster, self._installation, scene, present)
            preflight.check(facts, scene.name, shape)

    def _write(self, scene: Scene, shape: Shape, record: Record, before: Record | None) -> None:
        live = scene.service
        version = live.metadata.resource_version if live else ""
        manifest = rendering.manifest_of(scene.name, shape, record, version)
        if self._manifests is not None:
            kept = rendering.manifest_of(scene.name, shape, record, "")
            self._manifests.keep(record.wanted.name, record.wanted.revision, kept)
        applied = self._cluster.apply(self._path(scene), manifest)
        keep_budget(self._cluster, scene.namespace, applied, record, before)

    def _take_back(self, scene: Scene, shape: Shape) -> Scene:
        """Undo what server-side apply cannot: fields that others added stay theirs under it.

        The spec is replaced, and then it is nobody's but ours, so that the write that follows
        owns what it says and nothing is left over.
        """
        live = scene.service
        if live is None:
            return scene
        spec = json.loads(rendering.spec_of(shape))
        replaced = [
            *({"op": "remove", "path": path} for path in _strange(live, shape)),
            {"op": "replace", "path": "/spec", "value": spec},
        ]
        text = self._patch(scene, replaced, live.metadata.resource_version)
        version = read(InferenceService, text, scene.where).metadata.resource_version
        ours = [{"op": "replace", "path": "/metadata/managedFields", "value": _undisputed(text)}]
        text = self._patch(scene, ours, version)
        return replace(scene, service=read(InferenceService, text, scene.where))

    def _patch(self, scene: Scene, operations: list[dict[str, Any]], version: str) -> str:
        condition = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
        return self._cluster.patch(self._path(scene), json.dumps([condition, *operations]))

    def _path(self, scene: Scene) -> str:
        return member(SERVICES, scene.namespace, "inferenceservices", scene.name)


def _following(standing: Standing, wanted: Endpoint, shape: Shape, *, is_news: bool) -> Record:
    record = standing.record
    left = {entry.name for entry in standing.present.entries}
    left -= {entry.name for entry in shape.entries}
    retired = (*(name for name in record.retired if name not in left), *sorted(left))
    quiet = 0 if is_news else record.taken_back
    return Record(
        wanted=wanted,
        written=rendering.spec_of(shape),
        retired=retired[-MOST_RETIRED:],
        taken_back=record.taken_back + 1 if standing.foreign else quiet,
    )


def _strange(live: InferenceService, shape: Shape) -> tuple[str, ...]:
    """Return the paths of switches of the controller that others turned."""
    annotations, labels = live.metadata.annotations, live.metadata.labels
    ours = rendering.switches(shape)
    turned = [
        f"/metadata/annotations/{_escaped(key)}"
        for key in (rendering.NO_UPDATE, rendering.STOP)
        if key in annotations and key not in ours
    ]
    if rendering.VISIBILITY in labels and rendering.VISIBILITY not in rendering.labels(shape):
        turned.append(f"/metadata/labels/{_escaped(rendering.VISIBILITY)}")
    return tuple(turned)


def _undisputed(text: str) -> list[dict[str, Any]]:
    """Return who owns fields of an object, without those who own a part of the spec beside us.

    None at all must not come of it: the server then takes everything for somebody else's.
    """
    owned: list[dict[str, Any]] = json.loads(text)["metadata"].get("managedFields") or []
    return [
        one
        for one in owned
        if one.get("subresource")
        or "f:spec" not in (one.get("fieldsV1") or {})
        or (one.get("manager"), one.get("operation")) == (FIELD_MANAGER, "Apply")
    ]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
