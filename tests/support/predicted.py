"""Predictions as the router tells its witnesses of them, without a router."""

from __future__ import annotations

import json

from include.serving.upstream import Answer
from include.serving.witness import Asked, Predicted


def asked(request_id: str = "r", **what: object) -> Asked:
    given = {"endpoint": "loans", "body": b'{"inputs": []}', "revision": 1, "token": 1} | what
    return Asked(request_id=request_id, **given)


def body(*probabilities: float, positive: str = "1") -> bytes:
    rows = len(probabilities)
    classes = {
        "name": "predictions",
        "shape": [rows],
        "datatype": "INT64",
        "data": [int(one >= 0.5) for one in probabilities],
    }
    chances = {
        "name": "probabilities",
        "shape": [rows],
        "datatype": "FP64",
        "parameters": {"positive": positive},
        "data": probabilities,
    }
    return json.dumps({"model_name": "loans", "outputs": [classes, chances]}).encode()


def numbers(*predictions: float) -> bytes:
    output = {
        "name": "predictions",
        "shape": [len(predictions)],
        "datatype": "FP64",
        "data": predictions,
    }
    return json.dumps({"outputs": [output]}).encode()


def predicted(
    request: Asked | None = None,
    said: bytes | None = None,
    *,
    variant: str = "stable",
    version: str = "1.0.0",
    status: int = 200,
    seconds: float = 0.004,
    nth: int = 100,
) -> Predicted:
    answer = Answer(status, b"application/json", body(0.25) if said is None else said)
    return Predicted(request or asked(), answer, variant, version, seconds, nth)
