from __future__ import annotations

import json

import msgspec
import pytest

from include.serving import said
from tests.support.predicted import body, numbers


def output(name: str, data: object, **more: object) -> dict[str, object]:
    return {"name": name, "shape": [1], "datatype": "FP64", "data": data} | more


def test_a_classifier_says_probabilities_and_classes() -> None:
    answer = said.read(body(0.25, 0.75, positive="2"))
    assert answer is not None
    assert (answer.rows, answer.values, answer.predictions) == (2, (0.25, 0.75), (0, 1))
    assert (answer.classes, answer.positive) == (True, "2")


def test_a_regression_says_numbers() -> None:
    answer = said.read(numbers(3, 4.5))
    assert answer is not None
    assert (answer.rows, answer.values, answer.classes) == (2, (3.0, 4.5), False)


def test_classes_that_are_text_have_no_value() -> None:
    answer = said.read(
        json.dumps({"outputs": [output("predictions", ["yes"], datatype="BYTES")]}).encode()
    )
    assert answer is not None
    assert (answer.rows, answer.values, answer.classes) == (1, (), True)


def test_other_outputs_are_kept_and_not_read() -> None:
    given = [output("probabilities", [0.5]), output("contributions", [[1, 2]])]
    answer = said.read(json.dumps({"outputs": given}).encode())
    assert answer is not None
    assert [name for name, _ in answer.outputs] == ["probabilities", "contributions"]


def test_a_batch_counts_by_its_first_rows_only() -> None:
    answer = said.read(numbers(*range(said.ROWS + 5)))
    assert answer is not None
    assert (answer.rows, len(answer.values)) == (said.ROWS + 5, said.ROWS)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"{}",
        b"[]",
        b'{"outputs": []}',
        b'{"outputs": null}',
        b'{"error": "x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"outputs": [{"name": "probabilities", "data": [NaN]}]}',
        b'{"outputs": [{"name": "probabilities", "data": [1e999]}]}',
        b'{"outputs": [{"name": "probabilities", "data": ["0.5"]}]}',
        b'{"outputs": [{"name": "probabilities", "data": [null]}]}',
        b'{"outputs": [{"name": "probabilities", "data": 0.5}]}',
        b'{"outputs": [{"name": "probabilities", "data": []}]}',
        b'{"outputs": [{"name": "probabilities"}]}',
        b'{"outputs": [{"name": "other", "data": [1]}]}',
        b'{"outputs": [{"name": "probabilities", "data": [0.1]},'
        b' {"name": "predictions", "data": [1, 2]}]}',
    ],
    ids=lambda wrong: repr(wrong[:60]),
)
def test_what_is_no_answer(wrong: bytes) -> None:
    assert said.read(wrong) is None


def test_what_was_said_can_be_told_again_from_its_outputs() -> None:
    for given in (body(0.2, 0.9, positive="yes"), numbers(1.5)):
        first = said.read(given)
        assert first is not None
        again = said.again(dict(first.outputs), classes=first.classes, positive=first.positive)
        assert again is not None
        assert (again.values, again.predictions) == (first.values, first.predictions)
        assert (again.classes, again.positive) == (first.classes, first.positive)
    assert said.again({"predictions": msgspec.Raw(b"oops")}, classes=False, positive="") is None
