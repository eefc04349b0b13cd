"""More than one who writes: another release, a person, a controller or webhook that is away."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from include.errors import Conflict, FencedOut, ServingUnavailable
from tests.support import kserve_endpoint
from tests.support.kserve_controller.behaviour import Behaviour
from tests.support.kserve_endpoint import KServeEndpoint, shares

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.kserve_controller.process import StandIn


@pytest.fixture
def rival(endpoint: KServeEndpoint, kubeconfig: Path) -> Iterator[KServeEndpoint]:
    """Return the same endpoint in the hands of another release, with a newer token."""
    opened = kserve_endpoint.driver(kubeconfig, endpoint.zone.namespace)
    yield KServeEndpoint(endpoint.zone, opened, endpoint.name, "rollout-2", 2)
    opened.close()


@pytest.fixture
def told(stand_in: StandIn | None) -> Iterator[StandIn]:
    """Return the stand-in, which can be told what to do wrong; it behaves afterwards."""
    if stand_in is None:
        pytest.skip("KServe's own controller cannot be told to be away")
    yield stand_in
    stand_in.behave()


def test_of_two_releases_at_once_the_newer_one_has_the_endpoint(
    endpoint: KServeEndpoint, rival: KServeEndpoint
) -> None:
    endpoint.go(v1=100)
    refused = threading.Event()
    written: list[int] = []

    def insist() -> None:
        while not refused.is_set():
            share = 10 + 10 * (endpoint.revision % 2)
            try:
                written.append(endpoint.want(v1=100 - share, v2=share).revision)
            except FencedOut:
                refused.set()

    older = threading.Thread(target=insist)
    older.start()
    try:
        time.sleep(1.5)
        rival.want(v1=70, v2=30)
        assert refused.wait(20), "the older release still writes"
    finally:
        refused.set()
        older.join()
    assert len(written) >= 2, "both have to have been at it"
    seen = endpoint.until(lambda seen: shares(seen) == {"v1": 70, "v2": 30})
    assert (seen.fencing_token, seen.revision) == (2, 1)
    with pytest.raises(FencedOut, match="rollout-2"):
        endpoint.want(v1=100)
    assert shares(endpoint.driver.observe(endpoint.name)) == {"v1": 70, "v2": 30}


def test_an_edit_by_a_person_is_told_and_not_written_over(endpoint: KServeEndpoint) -> None:
    endpoint.go(v1=100)
    endpoint.go(v1=80, v2=20)
    spec = endpoint.zone.service(endpoint.name)["spec"]
    spec["canary"][0]["trafficPercent"] = 60
    endpoint.zone.patch(endpoint.name, {"spec": {"canary": spec["canary"]}})
    seen = endpoint.driver.observe(endpoint.name)
    assert "kubectl" in seen.foreign
    assert seen.revision == endpoint.revision + 1, "an edit is a revision of its own"
    with pytest.raises(Conflict, match="somebody else changed the endpoint"):
        endpoint.want(v1=50, v2=50)
    stays = endpoint.zone.service(endpoint.name)["spec"]["canary"][0]["trafficPercent"]
    assert stays == 60
    # The next revision is made in the knowledge of the edit, by a person who decided so.
    endpoint.go(v1=100)
    assert endpoint.driver.observe(endpoint.name).foreign == ""


def test_while_the_webhook_is_away_nothing_changes_and_it_is_no_verdict(
    endpoint: KServeEndpoint, told: StandIn, kubeconfig: Path
) -> None:
    endpoint.go(v1=100)
    told.behave(Behaviour(webhook="breaks"))
    wanted = endpoint.endpoint(v1=90, v2=10)
    hasty = kserve_endpoint.driver(kubeconfig, endpoint.zone.namespace, budget_seconds=2.0)
    with pytest.raises(ServingUnavailable, match="webhook"):
        hasty.apply(wanted)
    hasty.close()
    assert endpoint.driver.observe(endpoint.name).revision == wanted.revision - 1
    told.behave()
    assert endpoint.driver.apply(wanted).revision == wanted.revision
    endpoint.until(lambda seen: shares(seen) == {"v1": 90, "v2": 10})


def test_while_the_controller_is_away_no_weight_is_said_to_be_there(
    endpoint: KServeEndpoint, told: StandIn
) -> None:
    endpoint.go(v1=100)
    endpoint.go(v1=90, v2=10)
    told.behave(Behaviour(paused=True))
    endpoint.want(v1=50, v2=50)
    time.sleep(2)
    seen = endpoint.driver.observe(endpoint.name)
    assert shares(seen) == {"v1": 0, "v2": 0}, "nothing is verified"
    assert "the controller has not read the change yet" in seen.variants[0].message
    told.behave()
    endpoint.until(lambda seen: shares(seen) == {"v1": 50, "v2": 50})
