"""Releases that do no harm, looked at each second: how many are rolled back all the same."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.steps

SEED = 20_26
LARGEST = {"errors": 0.02, "slow": 0.05, "differ": 0.25}
TRAFFIC = {"per_look": 97, "looks": 300, "label_delay": 10}
NAIVE_Z, NAIVE_FEWEST = 2.326, 100
"""A test at 1 %, one-sided, repeated at each look as if it were the only one."""


def truth(rng, one: int):
    """Draw a harmless candidate: within all limits; every second one exactly on them.

    Of the others every second one has errors in waves, which both versions share.
    """
    from tests.support.simulation import Truth

    rates = {name: top if one % 2 == 0 else rng.uniform(0, top) for name, top in LARGEST.items()}
    rates["differ"] = max(rates["differ"], 0.02)
    return Truth(wrong=rng.uniform(0.05, 0.3), waves=one % 4 == 1, **rates)


def naive_alarm(stage, looks: int) -> bool:
    """Say whether a repeated z-test of errors or slow answers would have cried harm."""
    import numpy as np

    if stage.theirs is None or stage.pairs:
        return False
    n, m = stage.ours.requests[:looks], stage.theirs.requests[:looks]
    for name in ("errors", "slow"):
        ours, theirs = (getattr(arm, name)[:looks] for arm in (stage.ours, stage.theirs))
        pooled = (ours + theirs) / (n + m)
        error = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(n, 1) + 1 / m))
        z = (ours / np.maximum(n, 1) - theirs / m) / np.maximum(error, 1e-12)
        if ((z > NAIVE_Z) & (n >= NAIVE_FEWEST)).any():
            return True
    return False


def release(rng, plan, both) -> tuple[str, int, bool, bool]:
    """Play a release: (signal that failed it, looks, whether people were asked, naive alarm).

    People let an undecided stage be watched once more, and then let it go on: so every test of
    the budget is made as long as it can be.
    """
    from include.verdict import Verdict
    from tests.support.simulation import Stage, Traffic

    looks, was_asked, naive = 0, False, False
    for index in range(len(plan.stages)):
        for _ in range(2):
            stage = Stage(rng, plan, index, both, both, Traffic(**TRAFFIC))
            last, seen = stage.end()
            looks += last + 1
            naive = naive or naive_alarm(stage, last + 1)
            if seen.verdict is Verdict.FAIL:
                return seen.words.split(":")[0], looks, was_asked, naive
            if seen.verdict is Verdict.PASS:
                break
            was_asked = True
    return "", looks, was_asked, naive


@pytest.mark.timeout(7200)
def test_harmless_releases_are_not_rolled_back(rounds, record) -> None:
    import numpy as np
    from scipy.stats import binomtest

    from include.spec.release import QualityLimits
    from tests.support.simulation import plan

    number = rounds(full=10_000, slice=150)
    planned = plan(QualityLimits(loss="error", margin=0.1))
    played = []
    for one in range(number):
        rng = np.random.default_rng([SEED, one])
        played.append(release(rng, planned, truth(rng, one)))
    failed = [signal for signal, *_ in played if signal]
    naive = sum(alarm for *_, alarm in played)
    share = binomtest(len(failed), number).proportion_ci(0.95, method="exact")
    record(
        "false-alarms",
        seed=SEED,
        counts={
            "releases": number,
            "looks": sum(looks for _, looks, _, _ in played),
            "rolled_back": len(failed),
            "rolled_back_by_naive_test": naive,
            "asked_people": sum(asked for _, _, asked, _ in played),
        },
        figures={
            "rolled_back_percent": 100 * len(failed) / number,
            "rolled_back_percent_95": [100 * share.low, 100 * share.high],
            "naive_percent": 100 * naive / number,
            "budget_percent": 100 * planned.false_alarms,
            "by_signal": {name: failed.count(name) for name in sorted(set(failed))},
        },
    )
    assert len(failed) <= number * planned.false_alarms
    assert number < 10_000 or share.high <= planned.false_alarms
    assert naive > 0.05 * number
