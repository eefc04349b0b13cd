from __future__ import annotations

import json
from typing import Any

import pytest

from include.errors import BadInput, Rejected
from include.serving.features import FeatureContract, FeatureRule
from include.serving.probe import Probe, check_answer, check_latency, request, shipment

SCORES = [0.9, 0.25]


@pytest.fixture
def shipped(compiled: Any) -> Any:
    column = compiled.spec.data.features[0]
    contract = FeatureContract(
        model="m", task=compiled.spec.task, labels=(0, 1), positive=1,
        features=(FeatureRule(column=column, known=()),),
    )  # fmt: skip
    probe = Probe(rows=((1,), (0,)), values=(1, 0), scores=tuple(SCORES))
    return shipment(contract.model_dump_json().encode(), probe.model_dump_json().encode())


def answer(predictions: list[Any], probabilities: list[Any]) -> dict[str, Any]:
    return {"outputs": [{"name": "predictions", "data": predictions},
                        {"name": "probabilities", "data": probabilities}]}  # fmt: skip


def test_all_rows_go_in_one_request_a_tensor_a_column(shipped: Any) -> None:
    (tensor,) = request(shipped)["inputs"]
    assert (tensor["shape"], tensor["data"]) == ([2], [1, 0])
    json.dumps(request(shipped))


def test_the_recorded_answer_passes(shipped: Any) -> None:
    check_answer(shipped, answer([1, 0], [0.9, 0.25 + 1e-12]))


@pytest.mark.parametrize(
    "given",
    [
        answer([1, 0], [0.9, 0.2501]),
        answer([1, 1], SCORES),
        answer([1], SCORES),
        answer([1, 0], ["0.9", "0.25"]),
        answer([1, 0], [0.9, float("nan")]),
        {"outputs": []},
        {"error": "no"},
    ],
    ids=["score", "label", "too few", "text", "nan", "empty", "error"],
)
def test_any_other_answer_is_refused(shipped: Any, given: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        check_answer(shipped, given)


def test_the_median_decides_and_not_the_slowest() -> None:
    assert check_latency((0.01, 0.02, 9.0), 500) == pytest.approx(20)
    with pytest.raises(Rejected, match="600 ms, limit 500 ms"):
        check_latency((0.6, 0.6, 0.1), 500)


def test_a_folder_that_is_no_package_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no model package"):
        shipment(b"{}", b"{}")
