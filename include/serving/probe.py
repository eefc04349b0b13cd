"""Rows that travel with a package, and what the model answered when it was packaged.

Light: the orchestrator sends them to a variant before it carries traffic. Requests and answers
have the form of the Open Inference Protocol, V2.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from include.errors import BadInput, Rejected
from include.serving.features import Cell, FeatureContract
from include.serving.inference import PREFERRED
from include.spec.model import Task
from include.steps.contract import Record

CONTRACT = "contract.json"
PROBE = "probe.json"
TOLERANCE = 1e-9


class Probe(Record):
    """``probe.json``: rows and what the model answered when it was packaged."""

    rows: tuple[tuple[Cell, ...], ...] = Field(description="Cells in the order of the contract.")
    values: tuple[str | int | float, ...] = Field(description="Label or number of each row.")
    scores: tuple[float, ...] = Field(description="Probability of the positive class, or number.")


@dataclass(frozen=True)
class Shipment:
    """The two documents of a package that a smoke test needs."""

    contract: FeatureContract
    probe: Probe


def shipment(contract: bytes, probe: bytes) -> Shipment:
    """Return the documents from their bytes.

    Raises:
        BadInput: they are not what a package of this release holds.
    """
    try:
        return Shipment(
            FeatureContract.model_validate_json(contract), Probe.model_validate_json(probe)
        )
    except ValidationError as error:
        raise BadInput("this is no model package", value=str(error.errors()[0]["msg"])) from error


def request(shipped: Shipment) -> dict[str, Any]:
    """Return the V2 request that asks for all probe rows: one tensor a column."""
    columns = zip(*shipped.probe.rows, strict=True)
    return {
        "inputs": [
            {
                "name": rule.column.name,
                "shape": [len(cells)],
                "datatype": PREFERRED[rule.column.type],
                "data": list(cells),
            }
            for rule, cells in zip(shipped.contract.features, columns, strict=True)
        ]
    }


def check_answer(shipped: Shipment, answer: dict[str, Any]) -> None:
    """Compare an answer with the recorded one, row by row.

    Raises:
        Rejected: an output is missing, or a row is answered differently.
    """
    scores = "probabilities" if shipped.contract.task is Task.CLASSIFICATION else "predictions"
    expected: dict[str, tuple[object, ...]] = {"predictions": shipped.probe.values}
    expected[scores] = shipped.probe.scores
    outputs = {output.get("name"): output.get("data") for output in answer.get("outputs", ())}
    for name, recorded in expected.items():
        given = outputs.get(name)
        if not isinstance(given, list) or len(given) != len(recorded):
            raise Rejected("the answer lacks an output", where="smoke test", value=name)
        _check_rows(name, recorded, given)


def _check_rows(name: str, recorded: tuple[object, ...], given: list[object]) -> None:
    for row, (then, now) in enumerate(zip(recorded, given, strict=True)):
        if not _is_equal(then, now):
            raise Rejected(
                f"probe row {row}: {name} is {now!r}, and was {then!r} when the model was packaged",
                where="smoke test",
                remedy="Serve it with the library versions of its requirements.txt",
            )


def _is_equal(then: object, now: object) -> bool:
    if isinstance(then, float) and isinstance(now, int | float):
        return abs(now - then) <= TOLERANCE * max(1.0, abs(then))
    return then == now


def check_latency(seconds: tuple[float, ...], limit_ms: float) -> float:
    """Return the median answer time in milliseconds.

    Raises:
        Rejected: it is above the limit.
    """
    median = statistics.median(seconds) * 1000
    if median > limit_ms:
        raise Rejected(
            f"median answer time {median:.0f} ms, limit {limit_ms:g} ms", where="smoke test"
        )
    return median
