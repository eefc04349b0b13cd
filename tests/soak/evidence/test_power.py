"""How much harm is found, how soon, and how much it takes to prove that there is none."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.steps

SEED, RATE, WRONG = 20_28, 20, 0.12
ERROR_RATES = (0.05, 0.1, 0.2)
MARGINS = (0.02, 0.03, 0.05, 0.1)
MULTIPLES = (0, 2, 3)
STAGES = {"shadow": 0, "5 %": 1, "50 %": 3}
WEIGHTS = {"5 %": 1, "50 %": 3, "100 %": 4}
PER_LOOK, LARGEST = 200, 400_000


def summary(ends: list[tuple[str, int]]) -> dict[str, float]:
    """Return shares of verdicts, and the requests it took (median, and four in five)."""
    import numpy as np

    said = {}
    for verdict in ("fail", "pass"):
        taken = [requests for one, requests in ends if one == verdict]
        said[verdict] = 100 * len(taken) / len(ends)
        if len(taken) > len(ends) / 2:
            said[f"{verdict}_median"] = float(np.median(taken))
            said[f"{verdict}_four_in_five"] = float(np.quantile(taken, 0.8))
    return said


def error_power(rng, index: int, rate: float, number: int) -> dict[str, float]:
    """Watch a stage by the product's own rules; counts are requests that reach the candidate."""
    from tests.support.simulation import Stage, Traffic, Truth, plan

    planned = plan()
    per_look = RATE * 100 // planned.stages[index].percent
    ends = []
    for _ in range(number):
        ours, theirs = Truth(errors=rate, slow=0.01), Truth(errors=0.005, slow=0.01)
        stage = Stage(rng, planned, index, ours, theirs, Traffic(per_look, 300))
        _, seen = stage.end()
        ends.append((seen.verdict.value, seen.candidate_requests))
    return summary(ends)


def quality_power(rng, index: int, margin: float, multiple: int, number: int) -> dict[str, float]:
    """Watch the labels of a stage; counts are requests of both versions together."""
    from include.spec.release import QualityLimits
    from tests.support.simulation import Stage, Traffic, Truth, plan

    planned = plan(QualityLimits(loss="error", margin=margin), min_seconds=0)
    worse = WRONG + multiple * margin
    ours = Truth(wrong=worse, differ=max(0.1, multiple * margin))
    ends = []
    for _ in range(number):
        traffic = Traffic(PER_LOOK, LARGEST // PER_LOOK)
        stage = Stage(rng, planned, index, ours, Truth(wrong=WRONG), traffic)
        look, seen = stage.end()
        ends.append((seen.verdict.value, (look + 1) * PER_LOOK))
    return summary(ends)


@pytest.mark.timeout(7200)
def test_harm_is_found_and_its_absence_proven(rounds, record) -> None:
    import numpy as np

    number = rounds(full=400, slice=4)
    errors = {
        f"{name}, {rate:.0%}": error_power(
            np.random.default_rng([SEED, index, int(1000 * rate)]), index, rate, number
        )
        for name, index in WEIGHTS.items()
        for rate in ERROR_RATES
    }
    quality = {
        f"{name}, margin {margin:g}, {multiple} margins worse": quality_power(
            np.random.default_rng([SEED, index, int(1000 * margin), multiple]),
            index, margin, multiple, number,
        )
        for name, index in STAGES.items()
        for margin in MARGINS
        for multiple in MULTIPLES
    }  # fmt: skip
    record(
        "power",
        seed=SEED,
        counts={"stages_per_cell": number, "requests_at_most": LARGEST},
        figures={"errors": errors, "quality": quality},
    )
    assert all(one["fail"] == 100 for name, one in errors.items() if not name.endswith(", 5%"))
    assert all(one["fail"] == 0 for name, one in quality.items() if ", 0 margins" in name)
    worse = [one["pass"] for name, one in quality.items() if ", 0 margins" not in name]
    assert number < 400 or max(worse) <= 5, worse
