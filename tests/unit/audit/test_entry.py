from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from include.access.principal import Kind, Principal, Scope
from include.audit.entry import Entry, is_intact, make, read
from include.audit.occurrence import Circumstances, Occurrence
from include.audit.trail import record
from include.errors import BadInput

AT = datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))
SALT = b"s" * 32
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def circumstances(kind: Kind = "person", name: str = "ann.smith") -> Circumstances:
    actor = Principal(kind, name, frozenset(), "token", Scope("default", "embedded"))
    return Circumstances(actor, AT, "request-1")


ANSWERED = Occurrence(
    "decision.answered", "decision", "01ABC", "p1", code="approve", reason="Ann likes it"
)


def entry(occurrence: Occurrence = ANSWERED, kind: Kind = "person") -> Entry:
    return make(occurrence, circumstances(kind), entry_id="01JNB2V4T8", salt=SALT)


def test_the_body_is_canonical_and_holds_nothing_personal() -> None:
    body = entry().body
    assert rfc8785.dumps(json.loads(body)) == body
    assert b"ann" not in body.lower()
    told = json.loads(body)
    assert told["ts"] == "2026-03-02T08:00:00.000001Z"
    assert told["actor"] == {"authn": "token", "id": "", "kind": "person"}
    assert told["object"] == {"digest": "p1", "id": "01ABC", "type": "decision"}
    assert set(told) == {
        "v", "id", "ts", "tenant", "environment", "actor", "action", "object", "outcome",
        "reason_code", "request_id", "payload_commitment",
    }  # fmt: skip


def test_machines_are_named_in_the_body() -> None:
    assert json.loads(entry(kind="workload").body)["actor"]["id"] == "ann.smith"


def test_the_commitment_is_sha256_of_salt_and_payload() -> None:
    made = entry()
    expected = hashlib.sha256(SALT + b'{"actor":"ann.smith","reason":"Ann likes it"}').hexdigest()
    assert json.loads(made.body)["payload_commitment"] == expected
    assert is_intact(made)
    assert not is_intact(replace(made, payload=made.payload.replace(b"ann", b"bob")))
    assert not is_intact(replace(made, salt=b"t" * 32))


def test_an_event_reads_back_whole_or_erased() -> None:
    made = entry()
    event = read(made.body, made.payload)
    assert (event.actor, event.reason) == ("ann.smith", "Ann likes it")
    assert event.at == AT.astimezone(UTC)
    erased = read(made.body, None)
    assert (erased.actor, erased.reason) == ("(erased)", "(erased)")
    assert read(entry(kind="workload").body, None).actor == "ann.smith"
    coded = entry(replace(ANSWERED, reason=""))
    assert read(coded.body, coded.payload).reason == "approve"


@given(TEXT, TEXT, TEXT)
def test_any_text_reads_back(object_id: str, code: str, reason: str) -> None:
    told = Occurrence("x.y", "x", object_id, code=code, reason=reason)
    made = make(told, circumstances(), entry_id="1", salt=SALT)
    event = read(made.body, made.payload)
    assert (event.object_id, event.reason) == (object_id, reason or code)
    assert b"\n" not in made.body


def test_what_the_log_cannot_hold_is_refused() -> None:
    with pytest.raises(BadInput, match="too large"):
        entry(Occurrence("x.y", "x", "i" * 65_535))


class Shelf:
    """A trail in memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def append(self, entry: Entry) -> None:
        self.entries.append(entry)


def test_equal_events_are_two_entries_that_share_nothing_secret() -> None:
    shelf = Shelf()
    first, second = (record(shelf, ANSWERED, circumstances()) for _ in range(2))
    assert shelf.entries == [first, second]
    assert first.id != second.id
    assert first.salt != second.salt
    assert len(first.salt) == 32
    assert json.loads(first.body)["payload_commitment"] not in second.body.decode()
