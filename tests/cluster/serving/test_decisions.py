"""From the first errors of a canary to the decision against it, by what its servers tell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from include.verdict import Verdict
from tests.support.kserve_decisions import GOOD_SECONDS, LIMIT_SECONDS, Watch, traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.kserve_endpoint import KServeEndpoint

ROUNDS = 3


def test_errors_are_decided_upon_within_ten_seconds_and_good_canaries_stay(
    endpoints: Callable[[], KServeEndpoint],
) -> None:
    good, bad = Watch.begun(endpoints(), "good"), Watch.begun(endpoints(), "turning")
    with traffic(good.endpoint), traffic(bad.endpoint), ThreadPoolExecutor(1) as aside:
        watched = aside.submit(lambda: [good.good(GOOD_SECONDS) for _ in range(ROUNDS)])
        turned = [bad.bad() for _ in range(ROUNDS)]
        kept = watched.result()
    print([(one.seen.verdict, one.seconds, one.seen.words) for one in (*turned, *kept)])
    assert [one.seen.verdict for one in turned] == [Verdict.FAIL] * ROUNDS
    assert max(one.seconds for one in turned) <= LIMIT_SECONDS
    assert len(kept) == ROUNDS
    assert Verdict.FAIL not in {one.seen.verdict for one in kept}
    assert all(one.seen.candidate_requests >= 100 for one in kept), "they were really watched"
