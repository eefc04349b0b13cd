"""The API server over HTTP: what is tried again, what is for good, and what it is called."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Connection

from include.errors import BadInput, Forbidden, NotFound, ServingUnavailable
from include.serving.kserve.cluster import Outdated
from include.serving.kserve.driver import KServeDriver
from include.serving.local_driver import LocalDriver
from operators.hooks import serving
from operators.hooks.kubernetes import ApiServer
from tests.support.serving_daemon import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATH = "/apis/serving.kserve.io/v1beta1/namespaces/models/inferenceservices/loans"


@pytest.fixture
def api(tmp_path: Path) -> Callable[..., ApiServer]:
    """Return a maker of clients of a server without encryption."""

    def make(url: str, token: str = "secret", budget: float = 5.0) -> ApiServer:
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        (tmp_path / "kubeconfig").write_text(json.dumps(config))
        return ApiServer(str(tmp_path / "kubeconfig"), budget_seconds=budget)

    return make


def status(code: int, message: str) -> tuple[int, dict[str, str], Any]:
    return code, {}, {"kind": "Status", "code": code, "message": message}


def test_what_may_pass_is_tried_again(script: Any, api: Any) -> None:
    webhook = "failed calling webhook: connection refused"
    server = script(status(429, "slow down"), status(500, webhook), (200, {}, {"kind": "x"}))
    client = api(server.url)
    assert json.loads(client.apply(PATH, '{"a": 1}')) == {"kind": "x"}
    assert [asked[0] for asked in server.asked] == ["PATCH"] * 3
    assert server.asked[0][1] == f"{PATH}?fieldManager=airworthy&force=true"
    client.close()


def test_an_outage_ends_with_its_budget_and_says_so(script: Any, api: Any) -> None:
    server = script(status(503, "etcd is away"))
    began = time.monotonic()
    with pytest.raises(ServingUnavailable, match="503: etcd is away"):
        api(server.url, budget=1.0).get(PATH)
    assert time.monotonic() - began < 3
    assert len(server.asked) > 1
    with pytest.raises(ServingUnavailable, match="the API server does not answer"):
        api(f"http://127.0.0.1:{free_port()}", budget=0.5).get(PATH)


@pytest.mark.parametrize(
    ("code", "message", "kind", "told"),
    [
        (401, "Unauthorized", Forbidden, "missing or have expired"),
        (403, 'cannot patch resource "inferenceservices"', Forbidden, "this right"),
        (403, 'admission webhook "v" denied the request: no', BadInput, "denied the request"),
        (404, "not found", NotFound, "not found"),
        (409, "the object has been modified", Outdated, "modified"),
        (422, "spec.canary: Required value", BadInput, "Required value"),
    ],
)
def test_what_is_for_good_is_told_at_once(
    script: Any, api: Any, code: int, message: str, kind: type[Exception], told: str
) -> None:
    server = script(status(code, message))
    with pytest.raises(kind, match=told):
        api(server.url).get(PATH)
    assert len(server.asked) == 1


def test_what_is_gone_is_deleted(script: Any, api: Any) -> None:
    server = script(status(404, "not found"))
    api(server.url).delete(PATH)
    assert server.asked[0][0] == "DELETE"


def test_no_credentials_at_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no way to the API server"):
        ApiServer(str(tmp_path / "nothing")).get(PATH)
    with pytest.raises(BadInput, match="no way to the API server"):
        ApiServer().get(PATH)


def connection(**extra: Any) -> Connection:
    return Connection(
        conn_id="airworthy_serving", conn_type="airworthy_serving", host="http://127.0.0.1:1",
        password="t", extra=json.dumps(extra) if extra else None,
    )  # fmt: skip


def test_the_connection_names_the_driver() -> None:
    assert isinstance(serving.connected(connection()), LocalDriver)
    assert isinstance(serving.connected(connection(driver="local")), LocalDriver)
    evidence = {"kind": "prometheus", "url": "http://prometheus:9090"}
    made = serving.connected(connection(driver="kserve", namespace="models", evidence=evidence))
    assert isinstance(made, KServeDriver)


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"driver": "knative"}, "no such serving driver"),
        ({"driver": "kserve"}, "namespace"),
        ({"driver": "kserve", "namespace": "models", "name_space": "x"}, "name_space"),
        ({"driver": "kserve", "namespace": "models", "evidence": {"kind": "x"}}, "evidence"),
    ],
)
def test_an_extra_that_describes_no_driver(extra: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        serving.connected(connection(**extra))
