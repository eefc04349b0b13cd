"""What a look at a stage costs: it is taken each second, in Airflow's triggerer."""

from __future__ import annotations

from statistics import median
from time import process_time
from typing import Any

from include.evidence.tally import Evidence, Losses, Moments, Tally
from include.rollout.judging import Versions, judge
from include.spec.release import QualityLimits, Signals
from tests.support import plans
from tests.support.evidence import CANDIDATE, STABLE, timed

LARGEST_SECONDS, GENEROUS_SECONDS = 0.002, 0.02


def test_a_look_at_large_counts(rounds: Any, record: Any) -> None:
    number = rounds(full=500, slice=50)
    outputs = tuple((place, 100) for place in range(-400, 400))
    losses = Losses(Moments(40_000, 4000, 4000))
    arms = (
        Tally("a", STABLE, 80_000, 1200, 0, timed(75_000, 3800), outputs, losses),
        Tally("b", CANDIDATE, 80_000, 1240, 0, timed(74_000, 3900), outputs, losses),
    )
    signals = Signals(quality=QualityLimits(loss="error", margin=0.1))
    plan = plans.plan("canary", 5, 50, 100, shadow=True).model_copy(update={"signals": signals})
    evidence, costs = Evidence("toy", 3, 60, arms), []
    for _ in range(number):
        began = process_time()
        judge(plan, 2, Versions(STABLE, CANDIDATE), evidence)
        costs.append(process_time() - began)
    assert median(costs) < (LARGEST_SECONDS if number == 500 else GENEROUS_SECONDS)
    figures = {"CPU a look, ms (median)": round(1000 * median(costs), 3)}
    record("look-cost", counts={"looks": number}, figures=figures)
