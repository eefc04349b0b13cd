"""Twenty good and twenty bad canaries on KServe, judged by what their servers tell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING

import pytest

from include.verdict import Verdict
from tests.support.kserve_decisions import GOOD_SECONDS, LIMIT_SECONDS, Watch, traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.kserve_endpoint import KServeEndpoint


@pytest.mark.timeout(1800)
def test_errors_are_decided_upon_within_ten_seconds_and_good_canaries_stay(
    endpoints: Callable[[], KServeEndpoint],
    rounds: Callable[..., int],
    record: Callable[..., None],
) -> None:
    number = rounds(full=20, slice=0)
    good, bad = Watch.begun(endpoints(), "good"), Watch.begun(endpoints(), "turning")
    ways = traffic(good.endpoint), traffic(bad.endpoint)
    with ways[0] as well, ways[1] as badly, ThreadPoolExecutor(1) as aside:
        watched = aside.submit(lambda: [good.good(GOOD_SECONDS) for _ in range(number)])
        turned = [bad.bad() for _ in range(number)]
        kept = watched.result()
    taken = [one.seconds for one in turned]
    verdicts = [one.seen.verdict for one in kept]
    record(
        "canary-decisions-kserve",
        counts={
            "bad_canaries": number,
            "stopped": [one.seen.verdict for one in turned].count(Verdict.FAIL),
            "good_canaries": number,
            "stopped_though_good": verdicts.count(Verdict.FAIL),
            "passed": verdicts.count(Verdict.PASS),
            "requests": len(well.seen) + len(badly.seen),
        },
        figures={"median_seconds": median(taken), "slowest_seconds": max(taken)},
    )
    assert {one.seen.verdict for one in turned} == {Verdict.FAIL}
    assert max(taken) <= LIMIT_SECONDS
    assert len(kept) == number
    assert Verdict.FAIL not in verdicts
