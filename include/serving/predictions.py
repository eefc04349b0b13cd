"""The prediction log: one record for each answered or failed try, and each shadow's answer.

docs/reference/prediction-log.md is its reference.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from include.serving import faults

if TYPE_CHECKING:
    from include.clock import Clock
    from include.errors import AirworthyError
    from include.serving.journal import Journal
    from include.serving.witness import Asked, Predicted

_SCALE = 1 << 64
_LOST = 502
_NULL = msgspec.Raw(b"null")


class Kind(StrEnum):
    """Whom an answer was for."""

    LIVE = "live"
    SHADOW = "shadow"
    RETRY = "retry"


class PredictionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log; see the reference for the meaning of each field."""

    format: Literal[1] = 1
    request_id: str
    time: datetime
    endpoint: str
    revision: int
    token: int
    variant: str
    version: str
    kind: Kind
    unit: str
    sampled: bool
    share: float
    rows: int
    classes: bool
    positive: str
    inputs: msgspec.Raw
    outputs: dict[str, msgspec.Raw]
    status: int
    milliseconds: float | None


@dataclass(frozen=True)
class Entry:
    """What the router hands over; the rest is worked out in the log's thread."""

    asked: Asked
    predicted: Predicted | None
    variant: str
    version: str
    kind: Kind
    status: int
    time: datetime


class _Body(msgspec.Struct):
    inputs: msgspec.Raw = _NULL


_BODY = msgspec.json.Decoder(_Body)
_ENCODER = msgspec.json.Encoder()


def sampled(request_id: str, share: float) -> bool:
    """Say whether the inputs of a request are kept.

    The first 8 bytes of SHA-256 of the request id, as a number of big-endian order, are below
    share * 2^64: whoever knows the id can tell, and a larger share keeps all that a smaller keeps.
    """
    digest = hashlib.sha256(request_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * _SCALE


@dataclass(frozen=True)
class Recorder:
    """Turns entries into lines.

    Attributes:
        share: Share of requests whose inputs are kept, 0 to 1.
    """

    share: float

    def encode(self, entry: Entry) -> bytes:
        """Return the line of an entry, without line feed."""
        return _ENCODER.encode(self.record(entry))

    def record(self, entry: Entry) -> PredictionRecord:
        """Return the record of an entry."""
        asked, predicted = entry.asked, entry.predicted
        said = predicted.said if predicted is not None else None
        kept = sampled(asked.request_id, self.share)
        return PredictionRecord(
            request_id=asked.request_id,
            time=entry.time,
            endpoint=asked.endpoint,
            revision=asked.revision,
            token=asked.token,
            variant=entry.variant,
            version=entry.version,
            kind=entry.kind,
            unit=asked.unit,
            sampled=kept,
            share=self.share,
            rows=said.rows if said else 0,
            classes=said.classes if said else False,
            positive=said.positive if said else "",
            inputs=_inputs(asked.body) if kept else _NULL,
            outputs=dict(said.outputs) if said else {},
            status=entry.status,
            milliseconds=round(predicted.seconds * 1000, 3) if predicted is not None else None,
        )


def _inputs(body: bytes) -> msgspec.Raw:
    try:
        return _BODY.decode(body).inputs
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _NULL


class PredictionLog:
    """A witness that writes everything into a journal, and never waits for it."""

    def __init__(self, journal: Journal[Entry], clock: Clock) -> None:
        self._journal, self._clock = journal, clock

    def answered(self, predicted: Predicted) -> None:
        """Log an answer, unless it was asked for past the router."""
        asked = predicted.asked
        if not asked.variant:
            kind = Kind.RETRY if asked.retried else Kind.LIVE
            self._offer(asked, predicted, (predicted.variant, predicted.version), kind)

    def failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        """Log a try that got no answer, unless it was made past the router."""
        if not asked.variant:
            kind = Kind.RETRY if asked.retried else Kind.LIVE
            self._offer(asked, None, (variant, version), kind, faults.status_of(error))

    def mirrored(
        self,
        asked: Asked,
        visible: Predicted | None,
        shadow: Predicted | None,
        variant: str,
        version: str,
    ) -> None:
        """Log what a shadow answered; the visible answer is logged where it is given."""
        del visible
        self._offer(asked, shadow, (variant, version), Kind.SHADOW)

    def dropped(self, asked: Asked, variant: str, version: str) -> None:
        """Log nothing: nobody was asked."""

    def _offer(
        self,
        asked: Asked,
        predicted: Predicted | None,
        whose: tuple[str, str],
        kind: Kind,
        status: int = _LOST,
    ) -> None:
        size = len(asked.body)
        if predicted is not None:
            status = predicted.answer.status
            size += len(predicted.answer.body)
        now = self._clock.now()
        self._journal.offer(Entry(asked, predicted, *whose, kind, status, now), size)
