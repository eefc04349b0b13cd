from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from include.serving.documents import EndpointDocument, ObservationDocument
from include.serving.endpoint import Health, Observation, VariantState

GOOD: dict[str, Any] = {
    "name": "loans",
    "model": "loans",
    "revision": 1,
    "owner": "x",
    "fencing_token": 1,
    "variants": [
        {
            "name": "stable",
            "version": "1.0.0",
            "package_uri": "file:///s/packages/a",
            "package_digest": "a" * 64,
            "weight": 100,
        }
    ],
}


def changed(**fields: object) -> str:
    return json.dumps(GOOD | fields)


def varied(**fields: object) -> str:
    return changed(variants=[GOOD["variants"][0] | fields])


def test_a_document_is_a_value_and_back() -> None:
    value = EndpointDocument.model_validate_json(changed()).value()
    assert EndpointDocument.of(value).value() == value
    assert value.variants[0].replicas == 1


@pytest.mark.parametrize(
    "text",
    [
        changed(name="../loans"),
        changed(name="Loans"),
        changed(name=""),
        changed(name="loans/x"),
        changed(surprise=1),
        changed(revision=-1),
        changed(fencing_token="one"),
        varied(weight=99),
        varied(weight=101),
        varied(weight=100.5),
        varied(replicas=-1),
        varied(replicas=9),
        varied(version="../1"),
        varied(version=""),
        varied(package_digest="abc"),
        varied(package_digest="../" + "a" * 61),
        changed(variants=[GOOD["variants"][0] | {"weight": 50}] * 2),
        changed(variants=[]).replace("[]", "null"),
        "[]",
        "{",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        EndpointDocument.model_validate_json(text)


def test_weights_may_all_be_nothing() -> None:
    assert EndpointDocument.model_validate_json(varied(weight=0)).value().variants[0].weight == 0


def test_an_observation_is_a_value_and_back() -> None:
    state = VariantState("stable", "1.0.0", 100, Health.READY, "http://x", 2, "said")
    value = Observation("loans", 3, 1, "http://y", (state,))
    text = ObservationDocument.of(value).model_dump_json()
    assert ObservationDocument.model_validate_json(text).value() == value
