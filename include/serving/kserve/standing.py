"""Where an endpoint stands: what we keep of it, what it says, and what others made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.errors import Conflict
from include.serving.kserve import edits, rendering
from include.serving.kserve.records import Record, recorded
from include.serving.kserve.shape import Exposure, Shape, shaped

if TYPE_CHECKING:
    from include.serving.kserve.objects import InferenceService
    from include.serving.kserve.scene import Scene
    from include.serving.kserve.shape import Entry


@dataclass(frozen=True)
class Standing:
    """Where an endpoint stands.

    Attributes:
        record: What we keep of it.
        written: What it says as we wrote it.
        present: What it says now: the same, unless somebody else changed it.
        foreign: What somebody else changed, and who; empty where nobody did.
        resource_version: What the next write has to follow.
    """

    record: Record
    written: Shape
    present: Shape
    foreign: str
    resource_version: str


def standing_of(scene: Scene) -> Standing | None:
    """Return where an endpoint stands; None where there is no InferenceService.

    Raises:
        Conflict: there is one that is not ours, or whose record somebody changed.
    """
    live = scene.service
    if live is None:
        return None
    record = recorded(live.metadata.annotations, scene.where)
    if record is None or live.metadata.deletion_timestamp:
        raise _not_ours(scene, is_going=bool(live.metadata.deletion_timestamp))
    written = as_written(record)
    foreign = edits.changes(live, record, written)
    present = _known(_as_it_is(live), written) if foreign else written
    return Standing(record, written, present, foreign, live.metadata.resource_version)


def as_written(record: Record) -> Shape:
    """Return what an InferenceService says as we wrote it.

    Who reaches it follows from what is wanted: every step towards it has that already.
    """
    variants = record.wanted.variants
    exposure = Exposure.STOPPED
    if variants:
        exposure = Exposure.PUBLIC if any(one.weight for one in variants) else Exposure.DARK
    grows = "maxReplicas" in record.spec["predictor"]
    return rendering.shape_of(record.spec, exposure, grows=grows)


def _as_it_is(live: InferenceService) -> Shape:
    grows = live.metadata.annotations.get(rendering.AUTOSCALER) == "hpa"
    return rendering.shape_of(live.spec, rendering.exposure_of(live), grows=grows)


def _known(live: Shape, written: Shape) -> Shape:
    """Return what is there, but what we wrote of each predictor that we know."""
    ours = {entry.name: entry for entry in written.entries}

    def known(entry: Entry) -> Entry:
        mine = ours.get(entry.name)
        return replace(mine, percent=entry.percent, replicas=entry.replicas) if mine else entry

    return shaped(known(live.stable), tuple(map(known, live.canaries)), live.exposure, live.scaling)


def _not_ours(scene: Scene, *, is_going: bool) -> Conflict:
    if is_going:
        return Conflict("it is being deleted", where=scene.where, remedy="Wait until it is gone")
    return Conflict(
        "it is there already and not ours, or somebody took our record off it",
        where=scene.where,
        remedy="Delete it if nobody needs it, or name another endpoint in the spec",
    )
