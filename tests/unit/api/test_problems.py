from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI

    Login = Callable[..., httpx.Client]

JSON = {"Content-Type": "application/json"}


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("https://airworthy.dev/problems/")
    assert "Traceback" not in answer.text


def test_every_failure_is_a_problem(as_workload: Login) -> None:
    client = as_workload()
    assert_problem(client.get("/models/ames/versions/1.0.0"), 404)
    assert_problem(client.get("/nothing"), 404)
    assert_problem(client.delete("/versions", headers=JSON), 422)
    assert_problem(client.put("/versions", json={}), 405)
    assert_problem(client.post("/versions", json={"model": "ames"}), 422)
    assert_problem(client.post("/versions", json=candidate(model="../ames")), 422)
    assert_problem(client.post("/versions", json=candidate(tenant="other")), 422)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[1,]", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e999}',
        b'{"a":9007199254740993}', b'{"a":"\\u0000"}', b"\xff\xfe", b'{"a":' + b"[" * 10_000,
        b"[" * 100_000 + b"]" * 100_000, b'{"a":"\\ud800"}', b'"text"', b"null", b"[]", b"9" * 5000,
    ],
    ids=range(17),
)  # fmt: skip
def test_bodies_that_readers_disagree_on_are_refused(body: bytes, as_workload: Login) -> None:
    assert_problem(as_workload().post("/versions", content=body, headers=JSON), 422)


def test_a_lone_surrogate_in_a_field_is_refused(as_workload: Login) -> None:
    body = json.dumps(candidate(package_uri="SURROGATE")).replace("SURROGATE", "\\ud800")
    assert_problem(as_workload().post("/versions", content=body, headers=JSON), 422)


def test_a_backslash_before_u0000_is_text(as_workload: Login) -> None:
    assert as_workload().post("/versions", json=candidate(spec_uri="\\u0000")).status_code == 200


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_only_json_is_taken(kind: str, as_workload: Login) -> None:
    body = json.dumps(candidate())
    answer = as_workload().post("/versions", content=body, headers={"Content-Type": kind})
    assert_problem(answer, 415)


def test_large_bodies_are_refused_declared_or_not(as_workload: Login) -> None:
    client = as_workload()
    large = b'{"a":"' + b"x" * 1024 * 1024 + b'"}'
    assert_problem(client.post("/versions", content=large, headers=JSON), 413)
    chunks = (large[i : i + 65536] for i in range(0, len(large), 65536))
    assert_problem(client.post("/versions", content=chunks, headers=JSON), 413)


def test_request_ids_go_in_and_out(as_workload: Login, as_person: Login) -> None:
    client = as_workload()
    answer = client.post("/versions", json=candidate(), headers={"X-Request-Id": "request-0001"})
    assert answer.headers["x-request-id"] == "request-0001"
    events = as_person("admin").get("/events").json()
    assert [e["request_id"] for e in events if e["action"] == "version.registered"] == [
        "request-0001"
    ]
    for wrong in ("short", "with space and more", "x" * 65, "new\tline-0001"):
        given = client.get("/whoami", headers={"X-Request-Id": wrong}).headers["x-request-id"]
        assert given != wrong
        assert len(given) == 26
    assert len(client.get("/nothing").headers["x-request-id"]) == 26


def test_a_fault_inside_shows_nothing_of_it(
    app: FastAPI, as_person: Login, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("the secret is 42")

    app.add_api_route("/api/v1/broken", broken)
    answer = as_person("viewer").get("/broken")
    assert_problem(answer, 500)
    assert "42" not in answer.text
    assert "the secret is 42" in capsys.readouterr().out


def test_a_database_that_is_not_migrated_says_what_to_do(app: FastAPI, as_person: Login) -> None:
    with app.state.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE version")
    answer = as_person("viewer").get("/models/ames/versions")
    assert_problem(answer, 503)
    assert "api.migrate" in answer.json()["remedy"]
    assert answer.headers["retry-after"] == "1"


def test_every_request_is_one_log_line(
    as_person: Login, capsys: pytest.CaptureFixture[str]
) -> None:
    as_person("viewer").get("/whoami", headers={"X-Request-Id": "request-0002"})
    line = next(text for text in capsys.readouterr().out.splitlines() if "request-0002" in text)
    for part in ("GET", "/api/v1/whoami", "200", "person:ann"):
        assert part in line
