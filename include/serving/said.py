"""What an answer of the Open Inference Protocol says, read without reading more than needed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

PREDICTIONS, PROBABILITIES = "predictions", "probabilities"
ROWS = 1000
"""Rows of one request that are counted and can get a label; a batch of more is only logged."""
_CLASSES = frozenset({
    "BOOL", "BYTES", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
})  # fmt: skip


class _Parameters(msgspec.Struct):
    positive: str = ""


class _Output(msgspec.Struct):
    name: str
    data: msgspec.Raw
    datatype: str = ""
    parameters: _Parameters | None = None


class _Answer(msgspec.Struct):
    outputs: list[_Output]


_ANSWER = msgspec.json.Decoder(_Answer)
_NUMBERS = msgspec.json.Decoder(list[float])
_CELLS = msgspec.json.Decoder(list[float | str | bool])


@dataclass(frozen=True)
class Said:
    """The predictions of one answer.

    Attributes:
        rows: Number of rows.
        probabilities: Of the positive class, a number a row; empty where the model has none.
        predictions: Classes or numbers, one a row; empty where the caller did not ask for them.
        classes: Whether the predictions are classes.
        positive: The positive class as text; empty where the answer does not tell.
        outputs: All outputs: name and the JSON of the data.
    """

    rows: int
    probabilities: tuple[float, ...]
    predictions: tuple[float | str | bool, ...]
    classes: bool
    positive: str
    outputs: tuple[tuple[str, msgspec.Raw], ...]

    @property
    def values(self) -> tuple[float, ...]:
        """A number a row: the probability where there is one, else the prediction."""
        if self.probabilities:
            return self.probabilities
        return tuple(float(one) for one in self.predictions if not isinstance(one, str))


def read(body: bytes) -> Said | None:
    """Return what an answer says, or None where it is not an answer of the protocol."""
    try:
        return _said(_ANSWER.decode(body).outputs)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def again(outputs: dict[str, msgspec.Raw], *, classes: bool, positive: str) -> Said | None:
    """Return what was once said, from its outputs; None where they are none of the protocol's."""
    kind = "BYTES" if classes else ""
    try:
        return _said([
            _Output(name, data, kind, _Parameters(positive)) for name, data in outputs.items()
        ])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _said(outputs: list[_Output]) -> Said | None:
    probabilities: list[float] = []
    predictions: list[float | str | bool] = []
    classes, positive = True, ""
    for output in outputs:
        if output.name == PROBABILITIES:
            probabilities = _NUMBERS.decode(output.data)
            positive = output.parameters.positive if output.parameters else ""
        elif output.name == PREDICTIONS:
            predictions = _CELLS.decode(output.data)
            classes = output.datatype in _CLASSES
    rows = len(probabilities) or len(predictions)
    if not rows or (probabilities and predictions and len(probabilities) != len(predictions)):
        return None
    return Said(
        rows=rows,
        probabilities=tuple(probabilities[:ROWS]),
        predictions=tuple(predictions[:ROWS]),
        classes=classes and bool(predictions),
        positive=positive,
        outputs=tuple((output.name, output.data) for output in outputs),
    )
