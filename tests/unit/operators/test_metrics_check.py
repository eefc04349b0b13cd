"""A release whose stages metrics cannot judge is refused before anything is deployed for it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from include.errors import BadInput, MetricsUnavailable
from operators.hooks import kserve
from operators.hooks.serving import ServingHook
from tests.support import plans
from tests.support.fake_prometheus import FakePrometheus
from tests.support.memory_cluster import MemoryCluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    prometheus = FakePrometheus()
    yield prometheus
    prometheus.close()


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what lets the connection name an extra; the cluster has no endpoint yet."""
    monkeypatch.setattr(kserve, "ApiServer", lambda *_: MemoryCluster())

    def name(**extra: Any) -> None:
        connection = {"conn_type": "airworthy_serving", "host": "http://here", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY_SERVING", json.dumps(connection))

    return name


def check(plan: Any) -> None:
    rollout: Any = SimpleNamespace(endpoint="loans", plan=plan)
    ServingHook().check_metrics(rollout)


def test_a_router_of_ours_and_nobody_at_all_are_not_asked(named: Callable[..., None]) -> None:
    for extra in ({}, {"driver": "kserve", "namespace": "models"}):
        named(**extra)
        check(plans.plan("canary", 5, 100, shadow=True))


def test_metrics_that_are_there_let_a_first_release_pass(
    named: Callable[..., None], prometheus: FakePrometheus
) -> None:
    evidence = {"kind": "prometheus", "url": prometheus.url}
    named(driver="kserve", namespace="models", evidence=evidence)
    check(plans.plan("first", 100))
    assert prometheus.asked == ["time()"]


def test_what_metrics_cannot_judge_is_refused(
    named: Callable[..., None], prometheus: FakePrometheus
) -> None:
    evidence = {"kind": "prometheus", "url": prometheus.url}
    named(driver="kserve", namespace="models", evidence=evidence)
    with pytest.raises(BadInput, match="nobody mirrors requests here"):
        check(plans.plan("canary", 5, 100, shadow=True))
    check(plans.plan("rollback"))


def test_an_outage_is_waited_out_and_refuses_nothing(
    named: Callable[..., None], prometheus: FakePrometheus
) -> None:
    prometheus.close()
    evidence = {"kind": "prometheus", "url": prometheus.url}
    named(driver="kserve", namespace="models", evidence=evidence)
    with pytest.raises(MetricsUnavailable, match="metrics down: Prometheus does not answer"):
        check(plans.plan("first", 100))


def test_a_token_that_is_refused_is_told_at_once(
    named: Callable[..., None], prometheus: FakePrometheus
) -> None:
    prometheus.token = "another"
    evidence = {"kind": "prometheus", "url": prometheus.url, "token": "mine"}
    named(driver="kserve", namespace="models", evidence=evidence)
    with pytest.raises(BadInput, match=r"metrics refused: status 401. Check token"):
        check(plans.plan("first", 100))
