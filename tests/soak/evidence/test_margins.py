"""Candidates worse by exactly the margin: how many are ever called no worse than it?"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.steps

SEED, PER_LOOK, REQUESTS, MIN_LABELS = 20_29, 200, 40_000, 100
WEIGHTS, MARGINS, WRONG = (5, 50), (0.02, 0.05), (0.05, 0.12, 0.3)
MEAN = 0.12
SHAPES = ("exponential", "lognormal")
MOST, MOST_OF_OTHERS = 5.0, 10.0


def drawn(rng, shape: str, count: int, mean: float):
    """Draw losses with this mean; the lognormal ones have a heavy tail (skewness 6)."""
    if shape == "exponential":
        return rng.exponential(mean, count)
    return mean * rng.lognormal(-0.5, 1.0, count)


def sums(values, ends):
    """Return moments of the first values, for each number of them."""
    import numpy as np

    from include.evidence.tally import Moments

    total, squares = np.cumsum(values), np.cumsum(values * values)
    return [Moments(int(n), float(total[n - 1]), float(squares[n - 1])) for n in ends]


def passes(ours, theirs, margin: float, weight: int, *, binary: bool) -> bool:
    """Look at all of them as the product does, until one look passes."""
    from include.evidence.confidence import Level, difference, difference_of_shares, half_width
    from include.rollout.signals.quality import NO_WORSE

    level = Level(NO_WORSE, MIN_LABELS * 100 / weight)
    for one, other in zip(ours, theirs, strict=True):
        if min(one.count, other.count) < MIN_LABELS:
            continue
        seen = difference_of_shares(one, other, margin) if binary else difference(one, other)
        if seen.error and seen.value + half_width(seen, level) < margin:
            return True
    return False


def wrongly_passed(seed: list[int], shape: str, mean: float, case, number: int) -> float:
    """Return the percentage that passes of candidates worse by the margin."""
    import numpy as np

    weight, margin = case
    rng = np.random.default_rng(seed)
    everybody = np.arange(1, REQUESTS // PER_LOOK + 1) * PER_LOOK
    ours = everybody * weight // 100
    passed = 0
    for _ in range(number):
        if shape == "wrong class":
            values = [
                (rng.random(int(n[-1])) < share).astype(float)
                for n, share in ((ours, mean + margin), (everybody - ours, mean))
            ]
        else:
            values = [
                drawn(rng, shape, int(n[-1]), at)
                for n, at in ((ours, mean + margin), (everybody - ours, mean))
            ]
        arms = (sums(values[0], ours), sums(values[1], everybody - ours))
        passed += passes(*arms, margin, weight, binary=shape == "wrong class")
    return 100 * passed / number


@pytest.mark.timeout(7200)
def test_what_is_worse_by_the_margin_seldom_passes(rounds, record) -> None:
    number = rounds(full=2000, slice=20)
    cells = [("wrong class", wrong) for wrong in WRONG] + [(shape, MEAN) for shape in SHAPES]
    figures = {
        f"{shape}, mean {mean:g}, {weight} %, margin {margin:g}": wrongly_passed(
            [SEED, place, weight, int(1000 * margin)], shape, mean, (weight, margin), number
        )
        for place, (shape, mean) in enumerate(cells)
        for weight in WEIGHTS
        for margin in MARGINS
    }
    record("margins", seed=SEED, counts={"stages_per_cell": number}, figures=figures)
    for name, percent in figures.items():
        most = MOST if name.startswith("wrong class") else MOST_OF_OTHERS
        assert number < 2000 or percent <= most, (name, percent)
