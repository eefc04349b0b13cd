"""The door of outcomes, without a daemon."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from include.clock import ManualClock
from include.errors import BadInput, Forbidden, ServingUnavailable
from include.serving import faults
from include.serving.faults import NotOffered
from include.serving.joining import Joiner
from include.serving.journal import Journal, JournalLimits
from include.serving.journal_reader import JournalReader
from include.serving.ledger import Ledger
from include.serving.measures import Measures
from include.serving.outcomes import LARGEST, Books, OutcomeRecord, Outcomes, encode
from include.serving.recent import Recent
from include.serving.wire import Request
from tests.support.predicted import asked, predicted

if TYPE_CHECKING:
    from pathlib import Path

CLOCK = ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
ONE = {"request_id": "a", "label": 1}


class Desk:
    def __init__(self, folder: Path, token: str = "secret", **limits: int) -> None:
        self.ledger, self.measures = Ledger(), Measures()
        self.journal: Journal[OutcomeRecord] = Journal(
            folder, encode, CLOCK, JournalLimits(**limits)
        )
        joiner = Joiner(Recent(), self.ledger)
        joiner.answered(predicted(asked("a")))
        self.ledger.answered(predicted(asked("a")))
        books = Books(joiner, self.journal, self.measures, CLOCK)
        self.ready = asyncio.Event()
        self.ready.set()
        self.door = Outcomes(books, token, self.ready)

    def send(self, body: bytes, given: str = "Bearer secret") -> dict[str, int]:
        headers = [(b"authorization", given.encode())]
        reply = asyncio.run(self.door.answer(Request("POST", "/outcomes", headers, body)))
        assert reply.status == 202
        return dict(json.loads(reply.body))

    def say(self, *outcomes: object) -> dict[str, int]:
        return self.send(json.dumps({"outcomes": outcomes}).encode())

    @property
    def labelled(self) -> int:
        return self.ledger.evidence("loans", 1).tallies[0].losses.error.count


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_became_of_each_is_told_logged_and_measured(desk: Desk) -> None:
    told = desk.say(ONE, ONE, ONE | {"label": 0}, {"request_id": "b", "label": "x"})
    assert told == {
        "accepted": 1,
        "unknown": 1,
        "duplicates": 2,
        "contradictions": 1,
        "unfit": 0,
    }
    desk.journal.start()
    desk.journal.stop()
    written = list(JournalReader(desk.journal.folder, OutcomeRecord))
    assert [(one.request_id, one.endpoint, one.label, one.result.value) for one in written] == [
        ("a", "loans", 1, "accepted"),
        ("a", "loans", 1, "duplicate"),
        ("a", "loans", 0, "contradiction"),
        ("b", "", "x", "unknown"),
    ]
    text = asyncio.run(desk.measures.exposition()).decode()
    labels = 'endpoint="loans",result="accepted",variant="stable",version="1.0.0"'
    assert f"airworthy_outcomes_total{{{labels}}} 1.0" in text


def test_losses_of_logs_are_measured(desk: Desk) -> None:
    desk.measures.watch_journals((desk.journal,))
    desk.journal.dropped = 3
    text = asyncio.run(desk.measures.exposition()).decode()
    name = desk.journal.folder.name
    assert f'airworthy_log_entries_lost_total{{log="{name}",reason="queue"}} 3.0' in text


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer wrong", "secret", "Basic x"])
def test_a_wrong_token_is_refused(desk: Desk, given: str) -> None:
    with pytest.raises(Forbidden) as refused:
        desk.send(json.dumps({"outcomes": [ONE]}).encode(), given)
    assert faults.status_of(refused.value) == 401
    assert desk.labelled == 0


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer None"])
def test_without_a_token_nobody_gets_in(tmp_path: Path, given: str) -> None:
    with pytest.raises(NotOffered, match="no token") as refused:
        Desk(tmp_path, token="").send(b'{"outcomes": []}', given)
    assert faults.status_of(refused.value) == 403
    assert "AIRWORTHY_OUTCOMES_TOKEN" in refused.value.remedy
    assert not any(name == b"www-authenticate" for name, _ in faults.headers_of(refused.value))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"outcomes": {}}',
        b'{"outcomes": [1]}',
        b'{"outcomes": [], "more": 1}',
        b'{"outcomes": [{"request_id": "a"}]}',
        b'{"outcomes": [{"label": 1}]}',
        b'{"outcomes": [{"request_id": "", "label": 1}]}',
        b'{"outcomes": [{"request_id": "a", "label": null}]}',
        b'{"outcomes": [{"request_id": "a", "label": [1]}]}',
        b'{"outcomes": [{"request_id": "a", "label": 1, "row": -1}]}',
        b'{"outcomes": [{"request_id": "a", "label": 1, "row": 0.5}]}',
        b'{"outcomes": [{"request_id": "a", "label": 1, "extra": 2}]}',
        b'{"outcomes": [{"request_id": "a", "label": NaN}]}',
        b'{"outcomes": [{"request_id": "a", "label": 1e999}]}',
        b'{"outcomes": [{"request_id": "a", "label": 1e305}]}',
        b'{"outcomes": [{"request_id": "a", "label": 1' + b"0" * 400 + b"}]}",
        b'{"outcomes": [{"request_id": "' + b"a" * 200 + b'", "label": 1}]}',
        b'{"outcomes": [{"request_id": "a", "label": "' + b"a" * 300 + b'"}]}',
    ],
    ids=lambda wrong: repr(wrong[:70]),
)
def test_what_is_no_list_of_outcomes(desk: Desk, wrong: bytes) -> None:
    with pytest.raises(BadInput):
        desk.send(wrong)


def test_one_wrong_outcome_and_none_is_taken(desk: Desk) -> None:
    with pytest.raises(BadInput):
        desk.say(ONE, {"request_id": "a"})
    assert desk.labelled == 0


def test_counts_are_limited(desk: Desk) -> None:
    many = [{"request_id": str(number), "label": 1} for number in range(LARGEST + 1)]
    assert desk.say(*many[:-1])["unknown"] == LARGEST
    with pytest.raises(BadInput):
        desk.say(*many)


def test_nothing_is_taken_that_cannot_be_logged(tmp_path: Path) -> None:
    desk = Desk(tmp_path, entries=1)
    with pytest.raises(ServingUnavailable):
        desk.say(ONE, ONE)
    assert (desk.labelled, desk.journal.dropped) == (0, 0)
    assert desk.say(ONE)["accepted"] == 1


def test_labels_wait_until_predictions_are_known_again(desk: Desk) -> None:
    desk.ready.clear()

    async def later() -> dict[str, int]:
        body = json.dumps({"outcomes": [ONE]}).encode()
        headers = [(b"authorization", b"Bearer secret")]
        request = Request("POST", "/outcomes", headers, body)
        waiting = asyncio.create_task(desk.door.answer(request))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        desk.ready.set()
        return dict(json.loads((await waiting).body))

    assert asyncio.run(later())["accepted"] == 1
