"""The canonical form of an audit event, with a salted commitment to what may be erased.

Canonical JSON: RFC 8785. Commitment: SHA-256 of 32 random bytes of salt followed by the canonical
payload, hexadecimal.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import rfc8785
from pydantic import BaseModel, ConfigDict

from include.client.messages.audit import Event
from include.errors import BadInput

if TYPE_CHECKING:
    from include.audit.occurrence import Circumstances, Occurrence

FORMAT = 1
LIMIT = 65_535
ERASED = "(erased)"


class Actor(BaseModel):
    """Who acted; people are named in the payload only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    id: str
    authn: str


class Subject(BaseModel):
    """What was acted upon."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    id: str
    digest: str


class Body(BaseModel):
    """What is hashed; every field is attested."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = FORMAT
    id: str
    ts: str
    tenant: str
    environment: str
    actor: Actor
    action: str
    object: Subject
    outcome: str
    reason_code: str
    request_id: str
    payload_commitment: str


class Payload(BaseModel):
    """What may be erased: names of people, and what they wrote."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """An event ready to be stored: the attested bytes, and the erasable ones with their salt.

    ``about`` names kind and id of its object, to find it by.
    """

    id: str
    about: str
    body: bytes
    salt: bytes
    payload: bytes


def make(
    occurrence: Occurrence, circumstances: Circumstances, *, entry_id: str, salt: bytes
) -> Entry:
    """Return the entry of an occurrence.

    Raises:
        BadInput: The body is larger than the 65,535 bytes that the log's format allows.
    """
    actor = circumstances.actor
    payload = _bytes(Payload(actor=actor.id, reason=occurrence.reason))
    body = _bytes(
        Body(
            id=entry_id,
            ts=_instant(circumstances.at),
            tenant=actor.scope.tenant,
            environment=actor.scope.environment,
            actor=Actor(
                kind=actor.kind, id="" if actor.kind == "person" else actor.id, authn=actor.authn
            ),
            action=occurrence.action,
            object=Subject(
                type=occurrence.object_type,
                id=occurrence.object_id,
                digest=occurrence.object_digest,
            ),
            outcome=occurrence.outcome,
            reason_code=occurrence.code,
            request_id=circumstances.request_id,
            payload_commitment=commitment(salt, payload),
        )
    )
    if len(body) > LIMIT:
        raise BadInput("too large for the audit log", value=len(body), remedy="Shorten the ids")
    about = f"{occurrence.object_type}/{occurrence.object_id}"
    return Entry(entry_id, about, body, salt, payload)


def commitment(salt: bytes, payload: bytes) -> str:
    """Return the hexadecimal SHA-256 of salt and payload."""
    return hashlib.sha256(salt + payload).hexdigest()


def is_intact(entry: Entry) -> bool:
    """Return whether the payload is the one that the body commits to."""
    expected = Body.model_validate_json(entry.body).payload_commitment
    return hmac.compare_digest(expected, commitment(entry.salt, entry.payload))


def read(body: bytes, payload: bytes | None) -> Event:
    """Return the event of stored bytes; without its payload the personal parts read as erased."""
    found = Body.model_validate_json(body)
    told = Payload.model_validate_json(payload) if payload is not None else None
    unknown = ERASED if found.actor.kind == "person" else found.actor.id
    return Event(
        id=found.id,
        at=datetime.fromisoformat(found.ts),
        actor_kind=found.actor.kind,
        actor=told.actor if told else unknown,
        authn=found.actor.authn,
        action=found.action,
        object_type=found.object.type,
        object_id=found.object.id,
        object_digest=found.object.digest,
        outcome=found.outcome,
        reason=(told.reason if told else ERASED) or found.reason_code,
        request_id=found.request_id,
    )


def _bytes(document: BaseModel) -> bytes:
    return rfc8785.dumps(document.model_dump(mode="json"))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
