"""Amounts as Kubernetes writes them: ``500m`` CPUs, ``2Gi`` of memory."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

from include.errors import BadInput

_FORM = re.compile(r"^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$")
_UNITS = {
    None: Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9),
    "T": Decimal(10**12), "P": Decimal(10**15),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30),
    "Ti": Decimal(2**40), "Pi": Decimal(2**50),
}  # fmt: skip
_MEBI = Decimal(2**20)


def amount(text: str) -> Decimal:
    """Return an amount in its base unit: CPUs or bytes.

    Raises:
        BadInput: it is no quantity.
    """
    match = _FORM.match(text)
    if match is None:
        remedy = "Write it like 2, 500m or 4Gi"
        raise BadInput("not a quantity", where="resources", value=text, remedy=remedy)
    number, unit = match.groups()
    return Decimal(number) * _UNITS[unit]


def times(text: str, factor: float) -> str:
    """Return so many times an amount of memory, in whole mebibytes, rounded up."""
    mebibytes = amount(text) * Decimal(str(factor)) / _MEBI
    return f"{mebibytes.to_integral_value(ROUND_CEILING)}Mi"


def whole(text: str) -> int:
    """Return the whole CPUs in an amount, at least one."""
    return max(1, int(amount(text)))
