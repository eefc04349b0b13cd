"""Router and admin API as a stranger, a careless client and an attacker see them."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from include.serving import admin
from tests.support.serving_daemon import TOKEN, Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path_factory.mktemp("doors"))
    daemon.start().live()
    yield daemon
    daemon.close()


@pytest.fixture
def router(served: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.router, trust_env=False, timeout=15) as client:
        yield client


@pytest.fixture
def manage(served: Daemon) -> Iterator[httpx.Client]:
    url = f"http://127.0.0.1:{served.admin_port}"
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=15) as client:
        yield client


def problem(answer: httpx.Response) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return dict(body)


def test_an_answer_says_whose_it_is(router: httpx.Client) -> None:
    answer = router.post(
        "/v2/models/loans/infer", json={"inputs": []}, headers={"X-Request-Id": "abc-1"}
    )
    assert answer.status_code == 200
    assert answer.headers["x-airworthy-variant"] == "stable"
    assert answer.headers["x-airworthy-version"] == "1.0.0"
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.json()["id"] == "abc-1"


@pytest.mark.parametrize("given", ["", "two words", "x" * 200, "a\tb"])
def test_a_request_id_that_is_none_is_replaced(router: httpx.Client, given: str) -> None:
    answer = router.post("/v2/models/loans/infer", json={}, headers={"X-Request-Id": given})
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-request-id"] != given


def test_metadata_and_health(router: httpx.Client) -> None:
    assert router.get("/v2/models/loans").json()["model_version"] == "1.0.0"
    assert router.get("/v2/models/loans/ready").status_code == 200
    assert router.get("/v2/health/live").json() == {"live": True}
    assert router.get("/v2/health/ready").json() == {"ready": True}


def test_metrics_count_by_variant_and_refusals_without_names(router: httpx.Client) -> None:
    router.post("/v2/models/loans/infer", json={})
    router.post("/v2/models/no-such-thing/infer", json={})
    text = router.get("/metrics").text
    labels = 'endpoint="loans",variant="stable",version="1.0.0"'
    assert f'airworthy_router_requests_total{{code="200",{labels}}}' in text
    assert f"airworthy_variant_weight{{{labels}}} 100.0" in text
    assert 'airworthy_router_refused_total{code="404"}' in text
    assert "no-such-thing" not in text


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"inputs": [}', b"NaN", b'{"a": "\xff"}', b"[" * 100_000, b"{} {}", b"\x00"],
    ids=repr,
)
def test_what_is_not_json_is_a_bad_request(router: httpx.Client, body: bytes) -> None:
    answer = router.post("/v2/models/loans/infer", content=body)
    assert answer.status_code == 400
    assert "not JSON" in str(problem(answer)["detail"])


def test_ten_megabytes_are_refused_with_an_answer(router: httpx.Client) -> None:
    body = b'{"inputs": "' + b"x" * (10 * MEBIBYTE) + b'"}'
    answer = router.post("/v2/models/loans/infer", content=body)
    assert answer.status_code == 413
    assert "more than 1048576 bytes" in str(problem(answer)["detail"])
    assert router.post("/v2/models/loans/infer", json={}).status_code == 200


def test_ten_megabytes_in_chunks_are_refused_too(router: httpx.Client) -> None:
    chunks = (b"x" * 65536 for _ in range(160))
    answer = router.post("/v2/models/loans/infer", content=chunks)
    assert answer.status_code == 413


def test_a_body_at_the_limit_is_served(router: httpx.Client) -> None:
    body = b'"' + b"x" * (MEBIBYTE - 2) + b'"'
    assert router.post("/v2/models/loans/infer", content=body).status_code == 200
    assert router.post("/v2/models/loans/infer", content=body + b" ").status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/models/nobody/infer"),
        ("GET", "/v2/models/nobody"),
        ("GET", "/v2/models/nobody/ready"),
        ("GET", "/v2/models/loans/infer"),
        ("POST", "/v2/models/../loans/infer"),
        ("POST", "/v2/models/loans%2f..%2floans/infer"),
        ("DELETE", "/v2/models/loans"),
        ("GET", "/"),
        ("GET", "/v2"),
        ("GET", "/endpoints"),
        ("PUT", "/endpoints/loans"),
    ],
)
def test_the_router_knows_nothing_else(router: httpx.Client, method: str, path: str) -> None:
    answer = router.request(method, path, content=b"{}" if method == "POST" else None)
    assert problem(answer)["status"] == 404


def test_half_a_request_does_not_disturb_the_others(served: Daemon, router: httpx.Client) -> None:
    with socket.create_connection(("127.0.0.1", served.router_port)) as half:
        half.sendall(
            b"POST /v2/models/loans/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
        )
        assert router.post("/v2/models/loans/infer", json={}).status_code == 200
    assert router.post("/v2/models/loans/infer", json={}).status_code == 200


def test_every_route_of_the_admin_api_wants_the_token(served: Daemon) -> None:
    app = admin.application(None, None, None)  # type: ignore[arg-type]
    known = [(m, r.path) for r in app.routes for m in getattr(r, "methods", ())]
    assert {path for _, path in known} == {
        "/endpoints",
        "/endpoints/{name}",
        "/endpoints/{name}/evidence/{revision}",
        "/endpoints/{name}/variants/{variant}/infer",
    }
    url = f"http://127.0.0.1:{served.admin_port}"
    wrong = ("", "Bearer", "Bearer wrong", f"bearer {TOKEN}", f"Basic {TOKEN}", f"Bearer {TOKEN}x")
    for method, path in [*known, ("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/nothing")]:
        for given in wrong:
            real = path.format(name="loans", variant="stable", revision=1)
            answer = httpx.request(
                method, url + real, headers={"authorization": given}, trust_env=False
            )
            assert answer.status_code == 401, (method, path, given)
            assert answer.headers["www-authenticate"] == "Bearer"


def test_the_admin_api_without_route(manage: httpx.Client) -> None:
    assert problem(manage.get("/openapi.json"))["status"] == 404
    assert problem(manage.delete("/endpoints/loans"))["status"] == 404


def test_a_large_body_is_refused_before_it_is_read(manage: httpx.Client) -> None:
    answer = manage.put("/endpoints/loans", content=b"x" * (10 * MEBIBYTE))
    assert problem(answer)["status"] == 413


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "JSON"),
        (b"[]", "body"),
        (b"{}", "Field required"),
        (b'{"name": "loans", "extra": 1}', "Extra inputs"),
    ],
)
def test_a_wrong_document_says_where(manage: httpx.Client, body: bytes, told: str) -> None:
    answer = manage.put("/endpoints/loans", content=body)
    assert answer.status_code == 400
    assert told in str(problem(answer)["detail"])


def test_path_and_body_must_agree(manage: httpx.Client, served: Daemon) -> None:
    document = {
        "name": "loans",
        "model": "loans",
        "revision": 9,
        "owner": "x",
        "fencing_token": 9,
        "variants": [],
    }
    answer = manage.put("/endpoints/bikes", content=json.dumps(document).encode())
    assert "different endpoints" in str(problem(answer)["detail"])
    assert served.driver.endpoints() == ("loans",)


def test_a_fenced_writer_is_told_the_type(manage: httpx.Client) -> None:
    document = {
        "name": "loans",
        "model": "loans",
        "revision": 9,
        "owner": "x",
        "fencing_token": 0,
        "variants": [],
    }
    answer = manage.put("/endpoints/loans", content=json.dumps(document).encode())
    assert answer.status_code == 409
    assert problem(answer)["type"] == "https://airworthy.dev/problems/fenced-out"
