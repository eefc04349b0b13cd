"""Every reason why a canary cannot work, one at a time, and together."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from include.errors import Rejected
from include.serving.kserve import records
from include.serving.kserve.preflight import Facts, check, refusals
from include.serving.kserve.shape import Entry, Shape, shaped

GOOD = Facts(
    version="v0.21.0",
    has_gateway_api=True,
    domain="example.com",
    not_handed_on=frozenset(records.KEYS),
)


def entry(name: str, uri: str = "") -> Entry:
    return Entry(name, name, uri or f"s3://{name}", 0, 1, "{}")


def shape(uri: str = "") -> Shape:
    return shaped(entry("v1"), (entry("v2", uri),))


def told(**facts: Any) -> str:
    return "; ".join(
        f"{r.reason} > {r.remedy}" for r in refusals(replace(GOOD, **facts), "foo", shape())
    )


def test_what_can_work_is_not_refused() -> None:
    check(GOOD, "foo", shape())
    check(replace(GOOD, version="1.0"), "foo", shape())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"has_kserve": False}, "not defined in this cluster > install KServe 0.21"),
        ({"version": "v0.20.0"}, "KServe v0.20.0 gives canaries no traffic"),
        ({"version": ""}, "cannot be told (its manager is not seen) > say it as kserve_version"),
        ({"version": "given"}, "cannot be told (given)"),
        ({"has_gateway_api": False}, "nothing splits the traffic > set enableGatewayApi"),
        ({"has_ingress": False}, "no routes at all > set disableIngressCreation"),
        ({"domain": "svc.cluster.local"}, "have no route"),
        pytest.param(
            {"not_handed_on": frozenset(records.KEYS[1:])},
            f"every step: {records.OWNER} >",
            id="a record handed on",  # a set has another order in each process
        ),
        ({"missing_rights": ("patch inferenceservices in models",)}, "may not patch inference"),
        ({"is_local": True}, "cluster-local"),
        ({"has_transformer": True}, "transformer"),
        ({"autoscaler": "keda"}, "KEDA refuses"),
        ({"is_frozen": True}, "disable-auto-update off"),
        ({"strange_canaries": ("mine",)}, "canaries that are not ours: mine"),
        ({"others": MappingProxyType({"foo-v2": ("",)})}, "InferenceService foo-v2 would own"),
        ({"others": MappingProxyType({"fo": ("x", "o-v1")})}, ""),
    ],
    ids=str,
)  # fmt: skip
def test_a_reason_with_its_remedy(facts: dict[str, Any], reason: str) -> None:
    assert reason in told(**facts)
    assert (told(**facts) == "") == (reason == "")


def test_two_variants_of_one_package() -> None:
    (refusal,) = refusals(GOOD, "foo", shape("s3://v1"))
    assert "two variants serve s3://v1" in refusal.reason


def test_all_reasons_are_told_at_once() -> None:
    bad = replace(GOOD, version="0.20", has_gateway_api=False, has_transformer=True)
    with pytest.raises(Rejected) as refused:
        check(bad, "foo", shape())
    for part in ("0.20", "Gateway API", "transformer"):
        assert part in str(refused.value)
