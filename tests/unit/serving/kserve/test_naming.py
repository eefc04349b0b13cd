"""Names by the rules of DNS, and nobody else's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import BadInput
from include.serving.endpoint import Variant
from include.serving.kserve import naming
from include.serving.kserve.installation import Installation

DNS = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")


def variant(version: str) -> Variant:
    return Variant("v", version, "s3://x", "0123456789abcdef" * 4, 0)


@given(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,20}\Z"), st.integers(0, 3))
def test_a_predictor_has_a_name_that_nobody_had(version: str, count: int) -> None:
    taken: list[str] = []
    for _ in range(count + 1):
        name = naming.predictor_name(variant(version), taken)
        assert DNS.match(name)
        assert name not in taken
        taken.append(name)


@pytest.mark.parametrize("name", ["", "a_", "-a", "A", "1a", "a" * 64, "a.b", "a/b"])
def test_an_endpoint_that_kubernetes_cannot_name(name: str) -> None:
    with pytest.raises(BadInput):
        naming.service_name(name)


def test_clashes_work_both_ways() -> None:
    assert naming.clashes("foo", ("bar",), {"foo-bar": ("",), "x": ("bar",)}) == ("foo-bar",)
    assert naming.clashes("foo-bar", ("v1",), {"foo": ("v1", "bar"), "foo-bar": ("v1",)}) == (
        "foo",
    )


def test_names_that_dns_does_not_take() -> None:
    assert naming.too_long("a" * 40, ("v1-0-0-12345678",), "models") == (
        f"{'a' * 40}-v1-0-0-12345678-predictor",
    )
    assert naming.too_long("loans", ("v1",), "n" * 60) != ()


@pytest.mark.parametrize(
    ("package", "uri"),
    [
        ("s3://models/packages/1", "s3://models/packages/1"),
        ("file:///airworthy/store/packages/1", "pvc://airworthy/store/packages/1"),
        ("file:///elsewhere/packages/1", ""),
        ("s3://models/packages/../x", ""),
        ("s3://modelsevil/1", ""),
        ("s3://models/1?versionId=2", ""),
    ],
)
def test_where_kserve_finds_a_package(package: str, uri: str) -> None:
    store = "s3://models" if package.startswith("s3") else "file:///airworthy/store"
    place = Installation("models", store=store, claim="airworthy")
    if uri:
        assert place.storage_uri(package) == uri
        return
    with pytest.raises(BadInput):
        place.storage_uri(package)


def test_a_folder_that_is_on_no_claim() -> None:
    with pytest.raises(BadInput, match="KServe cannot reach"):
        Installation("models", store="file:///airworthy/store").storage_uri(
            "file:///airworthy/store/packages/1"
        )
