"""A driver is killed after each of its writes; who comes next goes on where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cluster import wait_until
from tests.support.kserve_endpoint import shares
from tests.support.kserve_killed import killed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.kserve_endpoint import KServeEndpoint

# A release that is promoted, and one that is rolled back.
STATES: tuple[dict[str, int], ...] = (
    {"k1": 100},
    {"k1": 100, "k2": 0},
    {"k1": 80, "k2": 20},
    {"k2": 100},
    {"k2": 100, "k3": 0},
    {"k2": 50, "k3": 50},
    {"k2": 100},
)
FEWEST_KILLS = len(STATES) + 2  # a promotion and a removal are more than one write


def test_a_driver_that_dies_after_each_write_is_followed_to_the_same_end(
    endpoint: KServeEndpoint, kubeconfig: Path
) -> None:
    zone, kills = endpoint.zone, []

    def reach(state: dict[str, int]) -> None:
        wanted = endpoint.endpoint(**state)
        while killed(kubeconfig, zone.namespace, wanted):
            kills.append(wanted.revision)
            assert kills.count(wanted.revision) < 10, "it goes round in circles"
        seen = endpoint.until(lambda seen: shares(seen) == state)
        assert (seen.revision, seen.foreign) == (wanted.revision, "")

    reach(STATES[0])
    endpoint.answers()
    with endpoint.traffic(20) as traffic:
        for state in STATES[1:3]:
            reach(state)
        before = zone.pods("k2")
        for state in STATES[3:]:
            reach(state)
        wait_until(lambda: not zone.pods("k1") and not zone.pods("k3"), 30)
    assert set(traffic.statuses) == {200}, traffic.statuses
    assert zone.pods("k2") == before, "nothing was started twice"
    assert len(kills) >= FEWEST_KILLS, kills
    assert set(kills) == set(range(1, len(STATES) + 1)), "in every state"
