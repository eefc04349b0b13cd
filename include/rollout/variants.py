"""What a wanted state of an endpoint may look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.naming import check_name
from include.errors import BadInput

if TYPE_CHECKING:
    from include.client.messages.rollouts import VariantWish

MOST_REPLICAS = 100


def check(variants: tuple[VariantWish, ...]) -> None:
    """Let pass variants with distinct names and whole percents that sum to 100, or to 0.

    Raises:
        BadInput: They do not.
    """
    names = [check_name("variant", variant.name) for variant in variants]
    if len(set(names)) != len(names):
        raise BadInput("two variants of one name", value=names, remedy="Name each one once")
    weights = [variant.weight for variant in variants]
    if any(not 0 <= weight <= 100 for weight in weights) or sum(weights) not in {0, 100}:
        raise BadInput(
            "the weights are not a split", value=weights, remedy="Let them sum to 100, or to 0"
        )
    if any(
        not 0 <= variant.mirror <= 100 or variant.mirror * variant.weight for variant in variants
    ):
        raise BadInput(
            "impossible shares of mirrored requests",
            value=[variant.mirror for variant in variants],
            remedy="Give 0 to 100 percent, to a variant without a weight",
        )
    if any(not 0 <= variant.replicas <= MOST_REPLICAS for variant in variants):
        raise BadInput(
            "impossible number of replicas",
            value=[variant.replicas for variant in variants],
            remedy=f"Ask for 0 to {MOST_REPLICAS}",
        )
