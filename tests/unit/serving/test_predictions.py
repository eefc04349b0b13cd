from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from include.clock import ManualClock
from include.serving.faults import AnsweredLate
from include.serving.journal import Journal, JournalLimits
from include.serving.journal_reader import JournalReader
from include.serving.predictions import (
    Entry,
    Kind,
    PredictionLog,
    PredictionRecord,
    Recorder,
    sampled,
)
from tests.support.predicted import asked, body, predicted

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRETTY = b'{\n  "inputs": [\n    {"name": "a", "data": ["x\\ny"]}\n  ],\n  "id": "1"\n}'


@pytest.fixture
def journal(tmp_path: Path) -> Journal[Entry]:
    return Journal(tmp_path, Recorder(1.0).encode, ManualClock(NOON), JournalLimits())


@pytest.fixture
def log(journal: Journal[Entry]) -> PredictionLog:
    return PredictionLog(journal, ManualClock(NOON))


def lines(journal: Journal[Entry]) -> list[dict[str, object]]:
    journal.start()
    journal.stop()
    (segment,) = journal.folder.iterdir()
    return [json.loads(line) for line in segment.read_text().splitlines()]


def test_a_line_is_the_documented_schema(journal: Journal[Entry], log: PredictionLog) -> None:
    request = asked("r1", body=PRETTY, unit="u", revision=7, token=3)
    log.answered(predicted(request, body(0.25, 0.75)))
    (line,) = lines(journal)
    assert line == {
        "format": 1,
        "request_id": "r1",
        "time": "2026-03-01T12:00:00Z",
        "endpoint": "loans",
        "revision": 7,
        "token": 3,
        "variant": "stable",
        "version": "1.0.0",
        "kind": "live",
        "unit": "u",
        "sampled": True,
        "share": 1.0,
        "rows": 2,
        "classes": True,
        "positive": "1",
        "inputs": [{"name": "a", "data": ["x\ny"]}],
        "outputs": {"predictions": [0, 1], "probabilities": [0.25, 0.75]},
        "status": 200,
        "milliseconds": 4.0,
    }


def test_the_reference_names_every_field() -> None:
    text = (ROOT / "docs/reference/prediction-log.md").read_text(encoding="utf-8")
    assert [
        field.name
        for field in msgspec.structs.fields(PredictionRecord)
        if f"| `{field.name}` |" not in text
    ] == []


def test_each_try_and_each_shadow_is_a_line(journal: Journal[Entry], log: PredictionLog) -> None:
    late = AnsweredLate("late")
    log.failed(asked("a"), "stable", "1.0.0", late)
    log.answered(predicted(asked("a", retried=True)))
    log.answered(predicted(asked("b"), b'{"error": "x"}', status=422))
    log.mirrored(asked("b"), predicted(), predicted(), "candidate", "2.0.0")
    log.mirrored(asked("c"), predicted(), None, "candidate", "2.0.0")
    log.answered(predicted(asked("smoke", variant="candidate")))
    log.dropped(asked("d"), "candidate", "2.0.0")
    told = [(one["request_id"], one["kind"], one["status"], one["rows"]) for one in lines(journal)]
    assert told == [
        ("a", "live", 504, 0),
        ("a", "retry", 200, 1),
        ("b", "live", 422, 0),
        ("b", "shadow", 200, 1),
        ("c", "shadow", 502, 0),
    ]


def test_inputs_are_kept_of_the_sample_only() -> None:
    entry = Entry(asked("r"), predicted(), "stable", "1.0.0", Kind.LIVE, 200, NOON)
    assert bytes(Recorder(1.0).record(entry).inputs) == b"[]"
    assert bytes(Recorder(0.0).record(entry).inputs) == b"null"
    assert not Recorder(0.0).record(entry).sampled


@pytest.mark.parametrize("strange", [b"[1]", b'"x"', b"{", b'{"inputs": [', b""])
def test_a_body_without_inputs_is_logged_without(strange: bytes) -> None:
    entry = Entry(asked("r", body=strange), None, "stable", "1.0.0", Kind.LIVE, 400, NOON)
    assert bytes(Recorder(1.0).record(entry).inputs) == b"null"


def test_the_sample_has_its_share_and_grows_with_it() -> None:
    names = [f"request-{number}" for number in range(20_000)]
    tenth = {name for name in names if sampled(name, 0.1)}
    half = {name for name in names if sampled(name, 0.5)}
    assert 1850 < len(tenth) < 2150
    assert tenth < half
    assert all(sampled(name, 1.0) for name in names)


def test_the_sampling_hash_never_changes() -> None:
    # sha256("abc") begins with ba7816bf8f01cfea: 0.72839… of 2^64.
    assert sampled("abc", 0.7284)
    assert not sampled("abc", 0.7283)


def test_records_are_read_back(journal: Journal[Entry], log: PredictionLog) -> None:
    log.answered(predicted(asked("r", body=PRETTY), body(0.5)))
    lines(journal)
    (record,) = JournalReader(journal.folder, PredictionRecord)
    assert (record.time, record.kind, bytes(record.outputs["probabilities"])) == (
        NOON,
        Kind.LIVE,
        b"[0.5]",
    )


def test_a_later_format_is_passed_over_and_more_fields_are_not(
    journal: Journal[Entry], log: PredictionLog
) -> None:
    log.answered(predicted())
    (line,) = lines(journal)
    (segment,) = journal.folder.iterdir()
    segment.write_text(
        json.dumps(line | {"format": 2}) + "\n" + json.dumps(line | {"more": [1]}) + "\n"
    )
    reader = JournalReader(journal.folder, PredictionRecord)
    assert len(list(reader)) == 1
    assert reader.unreadable == 1
