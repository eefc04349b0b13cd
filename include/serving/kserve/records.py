"""What we keep on an InferenceService itself: who wanted what, and what was last written.

It lies where it is changed, in the same write, so that it is never apart from what it is about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from include import digest
from include.errors import Conflict
from include.serving.documents import EndpointDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.serving.endpoint import Endpoint

PREFIX = "airworthy.dev/"
OWNER = f"{PREFIX}owner"
TOKEN = f"{PREFIX}fencing-token"
REVISION = f"{PREFIX}revision"
ROLLOUT = f"{PREFIX}rollout"
WANTED = f"{PREFIX}wanted"
WRITTEN = f"{PREFIX}written"
DIGEST = f"{PREFIX}manifest-digest"
RETIRED = f"{PREFIX}retired"
TAKEN_BACK = f"{PREFIX}taken-back"
MODEL = f"{PREFIX}model"
KEYS = (OWNER, TOKEN, REVISION, ROLLOUT, WANTED, WRITTEN, DIGEST, RETIRED, TAKEN_BACK)
"""Annotations that KServe must not hand on to pods: they would start anew at every step."""

MOST_RETIRED = 20


@dataclass(frozen=True)
class Record:
    """What our annotations say.

    Attributes:
        wanted: The newest wanted state, with its owner, token and revision.
        written: Canonical JSON of the spec as we wrote it last.
        retired: Names of predictors that were there before, the latest last.
        taken_back: How often somebody else's change was taken back since the last quiet write.
    """

    wanted: Endpoint
    written: str
    retired: tuple[str, ...] = ()
    taken_back: int = 0

    @property
    def spec(self) -> dict[str, Any]:
        """The spec as we wrote it last."""
        spec: dict[str, Any] = json.loads(self.written)
        return spec

    def annotations(self) -> dict[str, str]:
        """Return the record as annotations."""
        document = EndpointDocument.of(self.wanted)
        told = {
            OWNER: self.wanted.owner,
            TOKEN: str(self.wanted.fencing_token),
            REVISION: str(self.wanted.revision),
            ROLLOUT: self.wanted.owner,
            WANTED: document.model_dump_json(),
            WRITTEN: self.written,
            DIGEST: digest.of_bytes(self.written.encode()),
        }
        if self.retired:
            told[RETIRED] = " ".join(self.retired[-MOST_RETIRED:])
        if self.taken_back:
            told[TAKEN_BACK] = str(self.taken_back)
        return told


def recorded(annotations: Mapping[str, str], where: str) -> Record | None:
    """Return the record of an object; None where it has none of ours.

    Raises:
        Conflict: somebody has changed it.
    """
    if WANTED not in annotations:
        return None
    written = annotations.get(WRITTEN, "")
    try:
        wanted = EndpointDocument.model_validate_json(annotations[WANTED]).value()
        json.loads(written)
        taken_back = int(annotations.get(TAKEN_BACK, "0"))
    except (ValidationError, ValueError) as broken:
        raise _changed(where, str(broken)) from broken
    said = (annotations.get(OWNER), annotations.get(TOKEN), annotations.get(REVISION))
    if said != (wanted.owner, str(wanted.fencing_token), str(wanted.revision)):
        raise _changed(where, f"{OWNER}, {TOKEN} or {REVISION} differ from {WANTED}")
    if annotations.get(DIGEST) != digest.of_bytes(written.encode()):
        raise _changed(where, f"{WRITTEN} is not what {DIGEST} says")
    retired = tuple(annotations.get(RETIRED, "").split())
    return Record(wanted, written, retired, taken_back)


def _changed(where: str, told: str) -> Conflict:
    return Conflict(
        f"somebody changed the record of the endpoint: {told[:200]}",
        where=where,
        remedy=f"Put the {PREFIX} annotations back as they were, or delete the InferenceService "
        "and release again",
    )
