"""What others do to the object, and what two drivers at once do to each other."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.errors import Conflict, FencedOut
from include.serving.kserve.driver import KServeDriver
from tests.unit.serving.kserve.conftest import INSTALLATION

if TYPE_CHECKING:
    from tests.unit.serving.kserve.conftest import Scene

DEPLOYMENTS = "/apis/apps/v1/namespaces/models/deployments"


def test_a_persons_edit_is_told_refused_and_taken_back_on_purpose(live: Scene) -> None:
    live.want(v1=100, v2=0)
    live.until_ready()
    canary = live.cluster.service("loans")["spec"]["canary"][0]
    live.cluster.meddle("loans", {"canary": [{**canary, "trafficPercent": 60}]})
    seen = live.driver.observe("loans")
    assert seen.foreign.startswith(
        "spec.canary[0].trafficPercent is 60, and we wrote 0; kubectl-edit"
    )
    assert seen.revision == live.wanted.revision + 1
    with pytest.raises(Conflict, match="somebody else changed the endpoint"):
        live.want(v1=95, v2=5)
    with pytest.raises(Conflict):
        live.want(live.wanted.revision, token=2, v1=95, v2=5)
    assert list(live.percents().values()) == [60], "not overwritten"
    live.want(seen.revision + 1, v1=95, v2=5)
    assert list(live.percents().values()) == [5]
    assert live.driver.observe("loans").foreign == ""


def test_fields_that_others_added_go_when_their_change_is_taken_back(live: Scene) -> None:
    spec = live.cluster.service("loans")["spec"]
    live.cluster.meddle("loans", {"predictor": {**spec["predictor"], "tolerations": [{}]}})
    assert "kubectl-edit wrote spec.predictor" in live.driver.observe("loans").foreign
    live.want(live.wanted.revision + 2, v1=100)
    assert "tolerations" not in live.cluster.service("loans")["spec"]["predictor"]
    assert live.driver.observe("loans").foreign == ""


def test_a_canary_that_a_person_added_is_drained_before_it_goes(live: Scene) -> None:
    spec = live.cluster.service("loans")["spec"]
    body = {**spec["predictor"], "name": "mine", "minReplicas": 1}
    body["model"] = {**body["model"], "storageUri": "s3://models/packages/9.0.0"}
    live.cluster.meddle("loans", {"canary": [{"trafficPercent": 30, "predictor": body}]})
    live.cluster.pass_time()
    live.want(live.wanted.revision + 2, v1=100)
    assert live.percents() == {}
    for objects in live.cluster.history:
        for path, route in objects.items():
            if "/httproutes/" in path:
                for ref in route["spec"]["rules"][0]["backendRefs"]:
                    assert f"{DEPLOYMENTS}/{ref['name']}" in objects or not ref.get("weight", 1)


def test_a_switch_that_somebody_turned_is_told(live: Scene) -> None:
    live.cluster.meddle("loans", **{"serving.kserve.io/disable-auto-update": "true"})
    assert "disable-auto-update is true" in live.driver.observe("loans").foreign
    live.want(live.wanted.revision + 2, v1=100)
    assert live.driver.observe("loans").foreign == ""


def test_a_tool_that_always_turns_it_back_is_not_fought(live: Scene) -> None:
    for _ in range(3):
        live.cluster.meddle("loans", {"canary": []}, **{"serving.kserve.io/stop": "true"})
        live.want(live.wanted.revision + 2, v1=100)
    live.cluster.meddle("loans", **{"serving.kserve.io/stop": "true"})
    with pytest.raises(Conflict, match="A tool keeps it in another state"):
        live.want(live.wanted.revision + 2, v1=100)


def test_a_changed_record_is_nothing_to_plan_from(live: Scene) -> None:
    live.cluster.meddle("loans", **{"airworthy.dev/fencing-token": "0"})
    seen = live.driver.observe("loans")
    assert "somebody changed the record" in seen.foreign
    with pytest.raises(Conflict, match="record of the endpoint"):
        live.want(v1=100)


def test_an_object_that_is_not_ours_is_left_alone(live: Scene) -> None:
    live.cluster.meddle("loans", **{"x": "y"})
    for key in [
        k for k in live.cluster.service("loans")["metadata"]["annotations"] if "airworthy" in k
    ]:
        del live.cluster.service("loans")["metadata"]["annotations"][key]
    with pytest.raises(Conflict, match="not ours"):
        live.want(v1=100)
    assert "not ours" in live.driver.observe("loans").foreign


def test_somebody_who_writes_between_look_and_write_is_not_overwritten(live: Scene) -> None:
    live.cluster.conduct.before_write = lambda: live.cluster.meddle("loans", {"canary": [], "x": 1})
    with pytest.raises(Conflict, match="kubectl-edit"):
        live.want(v1=100, v2=0)
    assert live.percents() == {}


def test_an_older_owner_that_writes_at_the_same_time_is_fenced_out(live: Scene) -> None:
    newer = KServeDriver(live.cluster, INSTALLATION)
    wanted = replace(live.wanted, fencing_token=9, owner="rollout-9", revision=9)
    live.cluster.conduct.before_write = lambda: (newer.apply(wanted), None)[1]
    with pytest.raises(FencedOut):
        live.want(v1=100, v2=0)
    assert live.percents() == {}


def test_an_endpoint_is_taken_from_an_owner_that_died_with_a_canary(live: Scene) -> None:
    live.want(v1=100, v2=0)
    live.until_ready()
    dead = live.want(v1=80, v2=20).revision
    live.until(lambda _: live.weights() == {"1": 80, "2": 20})
    live.want(token=live.wanted.fencing_token + 1, v1=100)
    live.until(lambda _: live.weights() == {"1": 100})
    assert live.percents() == {}
    with pytest.raises(FencedOut):
        live.want(dead, live.wanted.fencing_token - 1, v1=80, v2=20)
    assert live.percents() == {}


def test_two_drivers_at_once_end_with_the_newer_token(live: Scene) -> None:
    wishes = [
        replace(live.wanted, fencing_token=token, revision=10 + token, owner=f"rollout-{token}")
        for token in (2, 3, 4)
    ]

    def apply(number: int) -> None:
        try:
            KServeDriver(live.cluster, INSTALLATION).apply(wishes[number])
        except FencedOut:
            return

    threads = [threading.Thread(target=apply, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert live.driver.observe("loans").fencing_token == 4
