"""Amounts, and who can never give them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.errors import BadInput
from include.pods.placement import Node, check
from include.pods.quantity import amount, times, whole
from include.spec.compute import Profile

SMALL = Node("small", "2", "4Gi", "50Gi", (("pool", "any"),))
LARGE = Node("large", "16", "8Gi", "10Gi", (("pool", "training"),))


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("500m", Decimal("0.5")), ("1.5", Decimal("1.5")), ("2Ki", 2048), ("3M", 3_000_000),
     ("24678856Ki", 24678856 * 1024), ("267847642337", 267847642337)],
)  # fmt: skip
def test_amounts_are_read(text: str, value: Decimal) -> None:
    assert amount(text) == value


@pytest.mark.parametrize("text", ["", "2 Gi", "-1", "1e3", "Gi", "2GiB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a quantity"):
        amount(text)


@pytest.mark.parametrize(
    ("text", "factor", "more"),
    [("2Gi", 2.0, "4096Mi"), ("160Mi", 1.5, "240Mi"), ("1", 1.5, "1Mi"), ("100M", 2.0, "191Mi")],
)
def test_more_memory_is_rounded_up(text: str, factor: float, more: str) -> None:
    assert times(text, factor) == more
    assert amount(more) >= amount(text) * Decimal(str(factor))


@pytest.mark.parametrize(("text", "cpus"), [("50m", 1), ("1", 1), ("3500m", 3), ("8", 8)])
def test_whole_cpus(text: str, cpus: int) -> None:
    assert whole(text) == cpus


@pytest.mark.parametrize(
    "profile",
    [Profile(), Profile(cpu="16"), Profile(memory="8Gi"), Profile(scratch="50Gi"),
     Profile(node_selector={"pool": "training"}, cpu="16", memory="8Gi", scratch="10Gi")],
)  # fmt: skip
def test_what_a_node_has_in_all_can_wait(profile: Profile) -> None:
    check("fit", profile, (SMALL, LARGE))


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (Profile(cpu="17"), r"no node has that much cpu; the largest has 16 \(got '17'\)"),
        (Profile(memory="9Gi"), r"no node has that much memory; the largest has 8Gi"),
        (Profile(scratch="51Gi"), r"no node has that much scratch; the largest has 50Gi"),
        (Profile(cpu="16", scratch="50Gi"), r"no single node has all of it"),
        (Profile(node_selector={"gpu": "a"}), r"no node has the labels .*'gpu=a'"),
        (Profile(node_selector={"pool": "any"}, cpu="4"), r"no node .* the largest has 2"),
    ],
)
def test_what_no_node_has_is_refused_with_a_remedy(profile: Profile, said: str) -> None:
    with pytest.raises(BadInput, match=f"compute of step fit: {said}") as caught:
        check("fit", profile, (SMALL, LARGE))
    assert "AIRWORTHY_POD_NODES=elastic" in str(caught.value)
