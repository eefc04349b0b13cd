"""Whether somebody else changed an InferenceService since we wrote it, and who.

A field that we wrote has to be as we wrote it, and nobody else may have written to the spec. What
KServe's defaults add is neither. An edit of a person counts as a revision of its own, the one after
ours: so it is refused, paused and taken back by the rules that hold for every endpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.errors import Conflict
from include.serving.kserve import rendering
from include.serving.kserve.installation import FIELD_MANAGER
from include.serving.kserve.objects import at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.serving.endpoint import Endpoint
    from include.serving.kserve.objects import InferenceService
    from include.serving.kserve.records import Record
    from include.serving.kserve.shape import Shape

MOST_TAKEN_BACK = 3
"""Changes taken back in a row after which somebody's tool is at work, not somebody's hand."""

_TOLD = 3


def changes(live: InferenceService, record: Record, written: Shape) -> str:
    """Return what somebody else made of the object, and who; empty where nobody did."""
    found = [
        *_deviations("spec", record.spec, live.spec),
        *_switched(live.metadata.annotations, rendering.switches(written)),
        *_shown_to(live.metadata.labels, rendering.labels(written)),
        *_strangers(live),
    ]
    if not found:
        return ""
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return "; ".join(found[:_TOLD]) + more


def check_admitted(told: str, record: Record, wanted: Endpoint, where: str) -> None:
    """Let pass a wanted state that was made in the knowledge of somebody's change.

    Raises:
        Conflict: it was not, or the change comes back whenever it is taken back.
    """
    if not told:
        return
    if wanted.revision <= foreign_revision(record):
        raise Conflict(
            f"somebody else changed the endpoint: {told}",
            where=where,
            remedy="Look at it; rolling back or watching once more takes the change back",
        )
    if record.taken_back >= MOST_TAKEN_BACK:
        raise Conflict(
            f"the same endpoint was changed again after {record.taken_back} changes were taken "
            f"back: {told}",
            where=where,
            remedy="A tool keeps it in another state. Leave spec and airworthy.dev/ annotations "
            "of InferenceServices out of what it manages (Argo CD: ignoreDifferences with "
            f"managedFieldsManagers [{FIELD_MANAGER}]), then release again",
        )


def foreign_revision(record: Record) -> int:
    """Return the revision that somebody's change counts as."""
    return record.wanted.revision + 1


def _deviations(path: str, ours: object, live: object) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(live, dict):
        for key, value in sorted(ours.items()):
            yield from _deviations(f"{path}.{key}", value, live.get(key))
    elif isinstance(ours, list) and isinstance(live, list) and len(ours) == len(live):
        for index, value in enumerate(ours):
            yield from _deviations(f"{path}[{index}]", value, live[index])
    elif ours != live and (ours or live):
        yield f"{path} is {_shown(live)}, and we wrote {_shown(ours)}"


def _names(entries: list[Any]) -> str:
    return ", ".join(str(at(entry, "predictor", "name")) for entry in entries)


def _shown(value: object) -> str:
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return f"[{_names(value)}]"
    return "not there" if value is None else str(value)[:80]


def _switched(annotations: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[str]:
    for key in sorted({*ours, rendering.STOP, rendering.NO_UPDATE}):
        now, then = annotations.get(key), ours.get(key)
        if now != then:
            yield f"annotation {key} is {_shown(now)}, and we wrote {_shown(then)}"


def _shown_to(labels: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[str]:
    now, then = labels.get(rendering.VISIBILITY), ours.get(rendering.VISIBILITY)
    if now != then:
        yield f"label {rendering.VISIBILITY} is {_shown(now)}, and we wrote {_shown(then)}"


def _strangers(live: InferenceService) -> Iterator[str]:
    for owned in live.metadata.managed_fields:
        if owned.manager == FIELD_MANAGER or owned.subresource:
            continue
        if "f:spec" in owned.fields_v1:
            yield f"{owned.manager} wrote {_fields(owned.fields_v1)} at {owned.time}"


def _fields(fields: Mapping[str, Any]) -> str:
    names, tree = [], fields.get("f:spec")
    while isinstance(tree, dict) and len(keys := [key for key in tree if key != "."]) == 1:
        names.append(keys[0].removeprefix("f:"))
        tree = tree[keys[0]]
    return ".".join(["spec", *names])
