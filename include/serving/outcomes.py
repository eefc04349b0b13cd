"""``POST /outcomes``: labels from whoever learns how it turned out."""

from __future__ import annotations

import hmac
from collections import Counter
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from include.errors import BadInput, Forbidden, ServingUnavailable
from include.serving.faults import NotOffered
from include.serving.joining import Result
from include.serving.replying import Reply

if TYPE_CHECKING:
    import asyncio

    from include.clock import Clock
    from include.serving.joining import Joined, Joiner
    from include.serving.journal import Journal
    from include.serving.measures import Measures
    from include.serving.wire import Request

LARGEST = 1000
"""Outcomes of one request."""
_LARGEST_LABEL = 1e300
_JSON = (b"content-type", b"application/json")
_Text = Annotated[str, msgspec.Meta(max_length=256)]


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The label of one row of a request; the endpoint only where several share request ids."""

    request_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    label: bool | int | float | _Text
    row: Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)] = 0
    endpoint: Annotated[str, msgspec.Meta(max_length=63)] = ""


class _Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcomes: Annotated[list[Outcome], msgspec.Meta(max_length=LARGEST)]


class OutcomeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the outcomes log; docs/reference/prediction-log.md is its reference."""

    format: Literal[1] = 1
    request_id: str
    time: datetime
    endpoint: str
    row: int
    label: bool | int | float | str
    result: Result
    revision: int | None
    variant: str
    version: str


_DECODER = msgspec.json.Decoder(_Outcomes)
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True)
class Books:
    """Where outcomes go.

    Attributes:
        joiner: Finds the predictions.
        journal: Keeps every outcome, joined or not.
        measures: Counts them.
        clock: Dates them.
    """

    joiner: Joiner
    journal: Journal[OutcomeRecord]
    measures: Measures
    clock: Clock


class Outcomes:
    """The door of outcomes.

    Args:
        books: Where they go.
        token: What callers must know; where it is empty, nobody gets in.
        ready: Set once predictions of before a restart are known again.
    """

    def __init__(self, books: Books, token: str, ready: asyncio.Event) -> None:
        self._books, self._ready = books, ready
        self._expected = f"Bearer {token}".encode() if token else b""

    async def answer(self, request: Request) -> Reply:
        """Take the outcomes of one request.

        Raises:
            NotOffered: no token is configured.
            Forbidden: the token is missing or wrong.
            BadInput: it is no list of outcomes; none was taken.
            ServingUnavailable: they cannot be logged at the moment; none was taken.
        """
        self._authenticate(request.header(b"authorization"))
        outcomes = _read(request.body)
        await self._ready.wait()
        if not self._books.journal.has_room(len(outcomes)):
            raise ServingUnavailable(
                "the outcomes cannot be logged at the moment", remedy="Send them again later"
            )
        results = Counter(self._take(outcome) for outcome in outcomes)
        told = {
            "accepted": results[Result.ACCEPTED],
            "unknown": results[Result.UNKNOWN],
            "duplicates": results[Result.DUPLICATE] + results[Result.CONTRADICTION],
            "contradictions": results[Result.CONTRADICTION],
            "unfit": results[Result.UNFIT],
        }
        return Reply(202, (_JSON,), _ENCODER.encode(told))

    def _authenticate(self, given: bytes) -> None:
        if not self._expected:
            raise NotOffered(
                "nobody may send outcomes: there is no token",
                where="/outcomes",
                remedy="Set AIRWORTHY_OUTCOMES_TOKEN for the serving daemon; `make up` does",
            )
        if not hmac.compare_digest(given, self._expected):
            raise Forbidden(
                "no valid token",
                where="Authorization",
                remedy="Send `Bearer` and the value of AIRWORTHY_OUTCOMES_TOKEN",
            )

    def _take(self, outcome: Outcome) -> Result:
        books = self._books
        joined = books.joiner.label(
            outcome.request_id, outcome.endpoint, outcome.row, outcome.label
        )
        books.journal.offer(_record(outcome, joined, books.clock.now()))
        books.measures.labelled(joined)
        return joined.result


def _read(body: bytes) -> list[Outcome]:
    try:
        outcomes = _DECODER.decode(body).outcomes
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
        raise BadInput(
            f"no list of outcomes: {broken}",
            where="/outcomes",
            remedy='Send {"outcomes": [{"request_id": …, "row": 0, "label": …}]}, '
            f"at most {LARGEST}",
        ) from broken
    for outcome in outcomes:
        if not isinstance(outcome.label, str) and not abs(outcome.label) <= _LARGEST_LABEL:
            raise BadInput("a label is no number", where=outcome.request_id, value=outcome.label)
    return outcomes


def _record(outcome: Outcome, joined: Joined, now: datetime) -> OutcomeRecord:
    origin = joined.origin
    return OutcomeRecord(
        request_id=outcome.request_id,
        time=now,
        endpoint=origin.endpoint if origin else outcome.endpoint,
        row=outcome.row,
        label=outcome.label,
        result=joined.result,
        revision=origin.revision if origin else None,
        variant=origin.variant if origin else "",
        version=origin.version if origin else "",
    )


def encode(record: OutcomeRecord) -> bytes:
    """Return the line of a record, without line feed."""
    return _ENCODER.encode(record)
