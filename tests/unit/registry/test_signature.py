from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.registry.signature import Change, change, parse

A = {"name": "a", "type": "number"}
B = {"name": "b", "type": "text"}
OPTIONAL = {"name": "c", "type": "text", "required": False}
OUT = [{"name": "y", "type": "number"}]


def text(*inputs: dict[str, Any], outputs: list[dict[str, Any]] = OUT) -> str:
    return json.dumps({"inputs": list(inputs), "outputs": outputs})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (text(A), text(A), Change.NONE),
        (text(A, B), text(B, A), Change.NONE),
        (text(A), text(A, OPTIONAL), Change.COMPATIBLE),
        (text(A), text({**A, "required": False}), Change.COMPATIBLE),
        (text({**A, "required": False}), text(A), Change.INCOMPATIBLE),
        (text(A), text(A, B), Change.INCOMPATIBLE),
        (text(A, B), text(A), Change.INCOMPATIBLE),
        (text(A, OPTIONAL), text(A), Change.INCOMPATIBLE),
        (text(A), text({**A, "type": "text"}), Change.INCOMPATIBLE),
        (text(A), text({**A, "allowed": [1]}), Change.INCOMPATIBLE),
        (text(A), text(A, outputs=[]), Change.INCOMPATIBLE),
        (text(A), text(A, outputs=[*OUT, B]), Change.INCOMPATIBLE),
        (text(A), "no json", Change.INCOMPATIBLE),
        ("no json", "no json", Change.NONE),
    ],
)
def test_how_far_two_signatures_are_apart(before: str, after: str, expected: Change) -> None:
    assert change(before, after) is expected


def test_columns_in_a_json_string_are_read() -> None:
    wrapped = json.dumps({"inputs": json.dumps([A]), "outputs": json.dumps(OUT)})
    assert parse(wrapped) == parse(text(A))


@pytest.mark.parametrize(
    "wrong", ["[]", "{}", '{"inputs":1,"outputs":[]}', text(A, A), '{"inputs":[1],"outputs":[]}']
)
def test_what_is_no_signature(wrong: str) -> None:
    assert parse(wrong) is None


@given(st.text(max_size=50), st.text(max_size=50))
def test_any_two_texts_can_be_compared(before: str, after: str) -> None:
    assert change(before, after) in set(Change)
    assert change(before, before) is Change.NONE
