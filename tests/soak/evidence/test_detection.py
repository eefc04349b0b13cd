"""Twenty percent errors at 20 requests a second: how soon is a look a fail?"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.steps

SEED, RATE, ERRORS, STABLE_ERRORS, LIMIT_SECONDS = 20_27, 20, 0.2, 0.005, 10.0
STAGES = {"shadow": 0, "5": 1, "25": 2, "50": 3, "100": 4}


def seconds_until_fail(rng, plan, index: int) -> float:
    """Return the time between the first error of the candidate and the look that fails.

    Requests come evenly; looks come each second, at any phase of it.
    """
    import numpy as np

    from include.evidence.tally import Evidence, Pairing, Tally
    from include.rollout.judging import judge
    from include.verdict import Verdict
    from tests.support.evidence import CANDIDATE, STABLE, timed
    from tests.support.simulation import NEVER, VERSIONS

    stage, length = plan.stages[index], 40 * RATE
    failed = rng.random(length) < ERRORS
    each = 0 if stage.percent == 100 and stage.kind == "canary" else RATE * 100 // stage.percent
    if stage.kind == "canary":
        each -= RATE if each else 0
    stable_failed = (rng.random(40 * each + 1) < STABLE_ERRORS).cumsum()
    first, phase = float(np.argmax(failed)) / RATE, rng.random()
    for second in range(39):
        now = second + phase
        n = int(now * RATE) + 1
        errors, m = int(failed[:n].sum()), int(each * now)
        theirs = int(stable_failed[m - 1]) if m else 0
        stable = Tally("a", STABLE, m, theirs, 0, timed(m - theirs, 0), ((10, m - theirs),))
        good = n - errors
        tallies = (stable,) if each else ()
        pairings: tuple[Pairing, ...] = ()
        if stage.kind == "shadow":
            pairings = (Pairing("s", CANDIDATE, n, errors, theirs, 0, (), timed(good, 0)),)
        else:
            ours = Tally("b", CANDIDATE, n, errors, 0, timed(good, 0), ((10, good),))
            tallies = (*tallies, ours)
        seen = judge(plan, index, VERSIONS, Evidence("toy", 3, now, tallies, pairings))
        if seen.verdict is Verdict.FAIL:
            return now - first
    return float(NEVER)


@pytest.mark.timeout(1800)
def test_one_error_in_five_is_stopped_within_ten_seconds(rounds, record) -> None:
    import numpy as np

    from include.spec.release import QualityLimits
    from tests.support.simulation import plan

    number = rounds(full=1000, slice=50)
    planned = plan(QualityLimits(loss="error", margin=0.1))
    figures = {}
    for name, index in STAGES.items():
        rng = np.random.default_rng([SEED, index])
        taken = [seconds_until_fail(rng, planned, index) for _ in range(number)]
        figures[name] = {
            "median_seconds": float(np.median(taken)),
            "p99_seconds": float(np.quantile(taken, 0.99)),
            "slowest_seconds": max(taken),
        }
    record("error-detection", seed=SEED, counts={"runs_per_stage": number}, figures=figures)
    slowest = {name: each["slowest_seconds"] for name, each in figures.items()}
    assert max(slowest.values()) <= LIMIT_SECONDS, slowest
