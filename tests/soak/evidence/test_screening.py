"""Looks that the simulations pass over: the product decides at none of them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.steps

SEED, LOOKS = 20_30, 200
WORSE = ({}, {"errors": 0.05}, {"slow": 0.2}, {"wrong": 0.45, "differ": 0.4}, {"differ": 0.4})
"""What is true of candidates: harmless on all limits, or harmful in one way."""


def drawn(rng, one: int, index: int):
    """Return one stage of a release with labels, or without."""
    from include.spec.release import QualityLimits
    from tests.support.simulation import Stage, Traffic, Truth, plan

    limits = QualityLimits(loss="error", margin=rng.choice([0.02, 0.1]), required=one % 4 != 1)
    planned = plan(limits if one % 3 else None)
    stable = {"errors": 0.02, "slow": 0.05, "wrong": rng.uniform(0.05, 0.3), "differ": 0.25}
    truths = Truth(**{**stable, **WORSE[one % len(WORSE)]}), Truth(**stable, waves=one % 2 == 1)
    traffic = Traffic(per_look=int(rng.choice([20, 97, 200])), looks=LOOKS, label_delay=one % 11)
    return Stage(rng, planned, index, *truths, traffic)


@pytest.mark.timeout(3600)
def test_no_verdict_is_passed_over(rounds, record) -> None:
    import numpy as np

    from include.verdict import Verdict
    from tests.support.screening import may_decide

    number, decided, kept, over = rounds(full=100, slice=6), 0, 0, []
    for one in range(number):
        for index in range(5):
            stage = drawn(np.random.default_rng([SEED, one, index]), one, index)
            may = may_decide(stage)
            kept += int(may.sum())
            for look in range(LOOKS):
                is_end = stage.look(look).verdict in {Verdict.PASS, Verdict.FAIL}
                decided += is_end
                if is_end and not may[look]:
                    over.append((one, index, look))
    looks = number * 5 * LOOKS
    record(
        "screened-looks",
        seed=SEED,
        counts={"looks": looks, "verdicts": decided, "judged": kept, "verdicts_missed": len(over)},
        figures={"judged_percent": 100 * kept / looks},
    )
    assert not over, over[:5]
    assert 0 < decided <= kept < looks
