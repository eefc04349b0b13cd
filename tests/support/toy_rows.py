"""Rows of the toy model as a file that arrives, without a library of the steps."""

from __future__ import annotations

import random


def arrived(number: int, seed: int = 7) -> bytes:
    """Return a CSV of the toy's columns."""
    chance, lines = random.Random(seed), ["income,years,owner,town,grade,group,verdict,late"]
    for _ in range(number):
        income = chance.gauss(0, 1)
        row = (income, chance.randrange(9), chance.randrange(2), chance.choice(["Ames", "Bath"]))
        verdict = int(income + chance.gauss(0, 1) > 0)
        more = (chance.randrange(1, 4), chance.choice("ab"), verdict, chance.gauss(0, 1))
        lines.append(",".join(map(str, (*row, *more))))
    return "\n".join(lines).encode()
