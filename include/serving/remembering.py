"""Recent predictions and their labels, read back from the logs after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.serving import said
from include.serving.joining import Result
from include.serving.ledger import Origin
from include.serving.predictions import Kind, PredictionRecord
from include.serving.recent import Remembered, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.serving.outcomes import OutcomeRecord

_CALLER = 400
_Key = tuple[str, str]


def remembered(
    predictions: Iterable[PredictionRecord], outcomes: Iterable[OutcomeRecord]
) -> tuple[tuple[str, Remembered], ...]:
    """Return requests by their id, oldest first, with the labels that were accepted for them."""
    found: dict[_Key, Remembered] = {}
    repeated: set[_Key] = set()
    for record in predictions:
        rows = _rows(record)
        key = (record.endpoint, record.request_id)
        if rows is None:
            continue
        if record.kind is Kind.SHADOW:
            if key in found and key not in repeated and len(found[key].visible) == len(rows):
                found[key].shadows += (rows,)
        elif key in found:
            repeated.add(key)
        else:
            found[key] = Remembered(rows, counted=record.kind is Kind.LIVE)
    for outcome in outcomes:
        request = found.get((outcome.endpoint, outcome.request_id))
        if request is not None and outcome.result is Result.ACCEPTED:
            request.labels.setdefault(outcome.row, outcome.label)
    return tuple((request_id, request) for (_, request_id), request in found.items())


def _rows(record: PredictionRecord) -> Rows | None:
    if record.status >= _CALLER:
        return None
    words = said.again(record.outputs, classes=record.classes, positive=record.positive)
    if words is None:
        return None
    origin = Origin(record.endpoint, record.revision, record.token, record.variant, record.version)
    return Rows.of(origin, words)
